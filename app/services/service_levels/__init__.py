"""Promises: clocks, policies, calendars and the ladders that are climbed when they run out."""
