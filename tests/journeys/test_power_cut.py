"""The database of ``peygir run`` dies, then all of it at once: the work goes on each time."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.patience import patient, wait_until
from tests.support.ports import free_port
from tests.support.processes import ROOT

pytestmark = pytest.mark.slow

COMPLAINT = {
    "service": "complaint",
    "subject": "Fridge still warm",
    "description": "Two repairs, and it does not cool.",
    "customer": {"name": "Maryam Rezaei", "email": "m.rezaei@customer.example"},
    "data": {"about": "product"},
}
ASSESSED = {"kind": "complaint", "severity": "low", "impact": "low", "complexity": "low"}


@dataclass
class House:
    """One installation with its own database, and the program that runs it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    token: str = ""

    def run(self) -> None:
        """``peygir run``, until it says that it is ready."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PEYGIR_")}
        env = own | {"PEYGIR_DATA": str(self.folder / "var"), "PEYGIR_PORT": str(self.port)}
        command = [sys.executable, "-m", "app.cli", "run"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        wait_until(lambda: "Peygir is ready" in self.log.read_text(), 60, self.log.read_text)
        (self.token,) = re.findall(r"API token .*: (\S+)", self.log.read_text())

    @property
    def log(self) -> Path:
        return self.folder / "output"

    def family(self) -> list[psutil.Process]:
        """Every process of the house, the database's too."""
        assert self.process is not None
        return [psutil.Process(self.process.pid), *self._below()]

    def _below(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def cut_power(self) -> None:
        """kill -9 of all of them; some are gone before their turn, for their parent's death ends
        them."""
        assert self.process is not None
        for one in self.family():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()

    def kill_database(self) -> None:
        """kill -9 of PostgreSQL's first process alone; back when the house has mended itself."""
        number = (self.folder / "var" / "postgres" / "postmaster.pid").read_text().split()[0]
        os.kill(int(number), signal.SIGKILL)
        said = "The database died; everything is started again."
        wait_until(lambda: said in self.log.read_text(), 30, self.log.read_text)
        wait_until(self.answers, 30, self.log.read_text)

    def answers(self) -> bool:
        """Whether the API works."""
        try:
            return bool(self.call("GET", "/requests?limit=1"))
        except (OSError, http.client.HTTPException):
            return False

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        call = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(call, timeout=patient(30)) as answer:
            return json.loads(answer.read())

    def letters(self) -> list[str]:
        """The letters in the file outbox of those who complained here."""
        files = (self.folder / "var" / "outbox").glob("*.eml")
        return [one.name for one in files if "m.rezaei@customer.example" in one.read_text()]


@contextmanager
def housed() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="peygir-power-"))
    folder.chmod(0o711)
    house = House(folder, free_port())
    try:
        yield house
    finally:
        if house.process is not None and house.process.poll() is None:
            house.process.terminate()
            house.process.wait(patient(30))
        shutil.rmtree(folder, ignore_errors=True)


def test_death_of_the_database_and_of_all() -> None:
    with housed() as house:
        house.run()
        assert len(house.family()) >= 6
        number = house.call("POST", "/requests", COMPLAINT)["number"]
        task = waiting_task(house, number)
        house.call("POST", f"/tasks/{task}/claim")
        house.call("PUT", f"/tasks/{task}/draft", {"data": {"severity": "high"}})
        house.kill_database()
        assert house.call("GET", f"/tasks/{task}")["draft"] == {"severity": "high"}
        total = len(house.call("GET", "/requests?limit=100")["items"])
        last = house.call("POST", "/requests", COMPLAINT | {"subject": "The last one"})["number"]
        house.cut_power()

        house.run()
        assert len(house.call("GET", "/requests?limit=100")["items"]) == total + 1
        assert house.call("GET", f"/tasks/{task}")["draft"] == {"severity": "high"}
        assert house.call("GET", f"/requests/{last}")["subject"] == "The last one"
        house.call("POST", f"/tasks/{task}/complete", {"data": ASSESSED})
        assert house.call("GET", f"/requests/{number}")["stage"] == "investigation"
        # The letter of the last complaint may have been on its way: it goes out, as one file.
        waiting_task(house, last)
        assert len(house.letters()) == 2


def waiting_task(house: House, number: str) -> int:
    """The task of that request, which waits as soon as the worker has acknowledged it."""
    found: list[int] = []

    def look() -> bool:
        items = house.call("GET", f"/tasks?request={number}")["items"]
        found[:] = [item["id"] for item in items]
        return bool(found)

    wait_until(look, 40, house.log.read_text)
    return found[0]
