"""``python -m tools.connectors``: prints docs/connectors.md from the kinds themselves."""

from __future__ import annotations

import sys

from connectors import registry
from connectors.contract import Connector
from connectors.reference import describe

_HEAD = """\
# Every kind of connector

A **connector** is a way to reach people or a partner system; a **channel** is one connector with
its settings, made by an administrator on the page *Channels* or with `peygir channel set`. A
service task whose type is that of a kind goes out by the channel that its header `channel` names,
or else by the default channel of that type. Its input mappings give the inputs below; its output
mappings see what comes back. An error code can be caught on the task's border; so can
`not_delivered`, which stands for all of them.

The modeler offers each kind as an element template: `peygir connector template > peygir.json`, or
`/element-templates.json` of a running Peygir.

This page is made from the kinds by `make connectors`.
"""


def main() -> None:
    """Writes the page to the standard output."""
    sys.stdout.write(page())


def page() -> str:
    """The whole page, our own kinds in the order of their names."""
    return "\n".join([_HEAD, *(describe(kind, "en") for kind in own())])


def own() -> list[Connector]:
    """Our own kinds, whatever other packages are installed here."""
    places = {place.partition(":")[0] for place in registry.OWN}
    found = [kind for kind in registry.kinds().values() if type(kind).__module__ in places]
    return sorted(found, key=lambda kind: kind.kind)


if __name__ == "__main__":
    main()
