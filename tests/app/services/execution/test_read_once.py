"""The state read to write a letter serves the step behind it, unless another one came first."""

from __future__ import annotations

from contextvars import Context
from unittest.mock import patch

from flask import Flask

import bpmn
from app.access import SYSTEM
from app.services.execution import processes
from bpmn import state
from tests.app.services.execution.test_in_a_row import sending
from tests.app.services.execution.test_taking import NOW, ONE, Begin, ask, begin, letter, take
from tests.bpmn.build import end, flows, process, start, user
from tests.support.application import transaction_of

__all__ = ["begin"]

THEN_A_PERSON = process(
    start(),
    letter("send"),
    user("look", groups="managers"),
    end(),
    flows("start > send > look > end"),
    key="then",
)


def test_a_letter_reads_the_state_of_its_process_once(app: Flask, begin: Begin) -> None:
    begin(1, ONE)
    with patch("bpmn.engine.load", wraps=state.load) as load:
        assert take(app) is not None
    assert load.call_count == 1
    assert ask(app, "SELECT status FROM process_instance") == [("completed",)]


def test_what_is_changed_while_a_letter_goes_out_is_kept(app: Flask, begin: Begin) -> None:
    [instance_id] = begin(1, THEN_A_PERSON)

    def change() -> None:
        with transaction_of(app):
            command = bpmn.SetVariables({"found": "meanwhile"})
            instance = processes.lock(instance_id)
            processes.advance(instance, command, {"kind": "set"}, SYSTEM, NOW())

    with sending(lambda _: Context().run(change)):
        take(app)
    with transaction_of(app):
        outcome = processes.inspect(processes.find(instance_id))
    assert outcome.variables["found"] == "meanwhile"
    assert outcome.tokens == ("look",)
