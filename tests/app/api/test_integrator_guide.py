"""The examples of ``docs/how-to/integrator.md`` do what the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask

from tests.support.application import transaction_of
from tests.support.browsing import serving
from tests.support.cast import BORN, token_of

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "integrator.md"
BLOCK = re.compile(r"```sh\n(.*?)```\n(?:```json\n(.*?)```)?", re.DOTALL)


class Example(NamedTuple):
    """One shell block and the JSON that the page shows after it."""

    script: str
    shown: str


@pytest.mark.slow
def test_the_examples_run(app: Flask, run_jobs: Callable[[], int], tmp_path: Path) -> None:
    examples = [Example(*found) for found in BLOCK.findall(GUIDE.read_text(encoding="utf-8"))]
    known = ""
    with serving(app) as origin:
        env = _env(app, origin)
        for example in examples:
            run_jobs()
            printed = _run(known + "\n{\n" + example.script + "} >&3", env, tmp_path)
            known += _definitions(example.script)
            if example.shown:
                _compare(json.loads(example.shown), json.loads(printed), example.script)


def _env(app: Flask, origin: str) -> dict[str, str]:
    from app.services.accounts import api_tokens, people

    with transaction_of(app):
        people.add_user("designer", {"en": "Designer"}, BORN, roles=("designer", "manager"))
        designer = api_tokens.issue("designer", "test", BORN)
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "PEYGIR": origin,
        "CALL_CENTRE": token_of("partner"),
        "BACK_OFFICE": token_of("narges"),
        "DESIGNER": designer,
    }


def _run(script: str, env: dict[str, str], folder: Path) -> str:
    command = ["bash", "-euo", "pipefail", "-c", "exec 3>&1 >/dev/null\n" + script]
    done = subprocess.run(
        command, env=env, cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def _definitions(script: str) -> str:
    """The lines that later blocks need: tokens, variables, functions."""
    lines = (line for line in script.splitlines() if re.match(r"(export )?[A-Z]+=|call\(\)", line))
    return "\n".join(lines) + "\n"


def _compare(shown: Any, got: Any, where: str) -> None:
    """What the page shows is there; ``…`` stands for anything."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            assert key in got, f"{where}\n{key} is missing in {got}"
            _compare(value, got[key], where)
    elif isinstance(shown, list):
        assert len(shown) <= len(got), f"{where}\n{got}"
        for one, other in zip(shown, got, strict=False):
            _compare(one, other, where)
    elif isinstance(shown, str) and "…" in shown:
        assert re.fullmatch(re.escape(shown).replace("…", ".+"), got), f"{where}\n{got}"
    else:
        assert shown == got, f"{where}\n{got}"
