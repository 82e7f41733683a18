"""``peygir doctor``: looks for what is wrong in an installation, and says it in plain words."""
