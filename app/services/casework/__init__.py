"""Requests with their customers, messages, files, links and what else is on record."""
