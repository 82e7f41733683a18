"""Mailings to many customers at once."""
