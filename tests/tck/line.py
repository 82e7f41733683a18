"""The share of the TCK that must pass."""

LINE = 0.99
