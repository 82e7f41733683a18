"""The command ``peygir``: everything that is done from a terminal."""

from app.cli.commands import main

__all__ = ["main"]
