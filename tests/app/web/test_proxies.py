"""Whose word on the caller's address is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, request

from app import create_app
from app.config import Settings


@pytest.mark.parametrize(
    ("proxies", "address"),
    [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")],
)
def test_as_many_proxies_are_believed_as_the_setting_says(
    tmp_path: Path, proxies: int, address: str
) -> None:
    settings = Settings(tmp_path, "a-secret", "postgresql+psycopg:///nowhere", proxies=proxies)
    assert told_address(create_app(settings)) == address


def told_address(app: Flask) -> str:
    """The caller's address as the application sees it behind two proxies."""
    told: list[str | None] = []
    app.before_request(lambda: told.append(request.remote_addr))
    app.test_client().get("/healthz", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
    return str(told[0])
