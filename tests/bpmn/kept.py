"""The engine without saving: an instance kept in memory, with every finished task in its tree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import bpmn
from bpmn.engine import begin, settle
from bpmn.instance import Context, Instance
from bpmn.stepper import take


class Kept:
    """``start`` and ``step`` as in ``bpmn``, for one instance, whatever state is given."""

    instance: Instance

    def start(
        self,
        definition: bpmn.Definition,
        variables: Mapping[str, Any],
        now: datetime,
        *,
        message: str | None = None,
        signal: str | None = None,
        at: str | None = None,
        **given: Any,
    ) -> bpmn.Outcome:
        """Begin the instance."""
        self.instance = begin(
            definition, variables, Context(now, **given), message, signal=signal, at=at
        )
        return settle(self.instance, rebase=False)

    def step(
        self,
        definition: bpmn.Definition,
        state: bytes,
        command: bpmn.Command,
        now: datetime,
        **given: Any,
    ) -> bpmn.Outcome:
        """Go on with the instance that is there."""
        instance = self.instance
        instance.context = Context(now, **given)
        instance.trace, instance.ended, instance.thrown = [], [], []
        take(instance, command)
        return settle(instance, rebase=False)
