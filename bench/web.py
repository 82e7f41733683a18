"""``python -m bench.web``: the production web server with the floor beside the application."""

from __future__ import annotations

from flask import Flask

from app import config
from app.serve import Server
from bench.floor import init_floor


class BenchServer(Server):
    """Peygir's own server settings around the application and the floor."""

    def load(self) -> Flask:
        """The application with ``/floor``."""
        app = super().load()
        init_floor(app)
        return app


if __name__ == "__main__":
    BenchServer(config.load()).run()
