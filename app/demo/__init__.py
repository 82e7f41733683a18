"""The demo: a small organisation and its requests, so that a stranger can try everything."""
