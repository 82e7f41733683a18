"""Finds the Chromium that browser tests drive: ``python -m tests.support.chromium`` prints it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str | None:
    """The program to start: ``CHROMIUM``, else the system's, else what playwright installed."""
    chosen = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return chosen or _playwrights_own()


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        program = playwright.chromium.executable_path
    return program if Path(program).exists() else None


if __name__ == "__main__":
    program = find_chromium()
    sys.stdout.write(f"{program}\n" if program else "")
    sys.exit(program is None)
