"""Tools for those who work on Peygir itself."""
