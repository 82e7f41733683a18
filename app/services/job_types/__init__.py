"""What the product does itself for a service task, within the one transaction of the step.

Each type is a file of this folder with one function ``do(instance, job, inputs, now)``; its name
is that of the file, ``link_request.py`` for the type ``link-request``. The instance is locked.
What ``do`` returns stands in the process's variables (or goes through the task's output
mappings) before the next step is taken in the same transaction, so the deed and the step are one
fact: it happens once, however often the job runs. The network is never touched here.

Headers say what is fixed when the diagram is drawn; inputs what the process knows. A task sees
all variables of its process as inputs, so a type takes what it names and nothing else.

What a type cannot do is :class:`Refused` with a code that the diagram may catch on the task's
border (BPMN 2.0, 10.5.6); uncaught, it stands as a fault. Whatever ``do`` had written by then is
undone. A type locks no other instance than one that waits for nothing of this one; what is to
happen there is put into the queue (:mod:`app.services.casework.linked`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from app.models import ProcessInstance, ServiceJob

Inputs = Mapping[str, Any]
Do = Callable[[ProcessInstance, ServiceJob, Inputs, datetime], Mapping[str, Any]]


class Refused(Exception):
    """The deed cannot be done: a BPMN error with this code, and why in both languages."""

    def __init__(self, code: str, en: str, fa: str) -> None:
        self.code, self.en, self.fa = code, en, fa
        super().__init__(f"{en} / {fa}")


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """The types that the product does itself, as diagrams name them."""
    found = (one.name for one in pkgutil.iter_modules(__path__))
    return frozenset(name.replace("_", "-") for name in found if not name.startswith("_"))


def find(name: str) -> Do | None:
    """What does this type; None when it is not one of the product's own."""
    if name not in names():
        return None
    do: Do = _file(name).do
    return do


@cache
def _file(name: str) -> Any:
    # Types use the services, which ask here: each is read when it is wanted first.
    return import_module(f"{__name__}.{name.replace('-', '_')}")


def writes_before_refusing(name: str) -> bool:
    """Whether a type may have written something when it is refused, which is to be undone; a file
    whose type has not says ``REFUSES_FIRST = True``."""
    return not getattr(_file(name), "REFUSES_FIRST", False)


def context(inputs: Inputs, name: str) -> Mapping[str, Any]:
    """An input that must be a context; an empty one when it is missing."""
    value = inputs.get(name)
    return value if isinstance(value, Mapping) else {}


def text(inputs: Inputs, name: str, most: int = 200) -> str:
    """An input that must be a text; raises Refused (``input``) when it is missing or too long."""
    value = inputs.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        en = f"The input “{name}” must be a text of at most {most} characters."
        fa = f"ورودی «{name}» باید متنی تا {most} نویسه باشد."
        raise Refused(INPUT, en, fa)
    return value.strip()


INPUT = "input"
"""The code of the error when an input is missing or wrong."""
