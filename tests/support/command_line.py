"""Commands of ``peygir`` on the application of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.cli.commands import main


def runner(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *modules: ModuleType
) -> Callable[..., Result]:
    """``run("channel", "list")`` for the commands of these modules of ``app.cli``."""

    @contextmanager
    def application(**_: Any) -> Iterator[Flask]:
        with app.app_context():
            yield app

    for module in modules:
        monkeypatch.setattr(module, "application", application)

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002  # As click says.
        return CliRunner().invoke(main, arguments, input=input)

    return run
