"""``python -m app.cli`` is ``peygir``."""

from app.cli import main

main()
