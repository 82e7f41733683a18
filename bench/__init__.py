"""The measurements: ``python -m bench`` prints one JSON line for each figure.

What is compared is always taken side by side in one run, after a warm-up, in several rounds
that alternate; the medians count. ``docs/performance.md`` says how to read the figures.
"""
