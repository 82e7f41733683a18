"""Conditions of forms: judged as FEEL before they run, and harmless where they run wrongly."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from sqlalchemy.orm import Session

import forms
from app.errors import DeploymentRefused
from app.services.deployment import definitions, form_conditions
from tests.app.services.story import actor
from tests.bpmn.build import end, flows, process, start, user
from tests.support.clock import MovingClock

ASKED = '<zeebe:formDefinition formId="odd"/>'
ODD = process(start(), user("a", ASKED, groups="intake"), end(), flows("start > a > end"))


def odd_form(condition: str) -> forms.Form:
    field = {
        "type": "textfield", "id": "f", "key": "f", "label": "F",
        "conditional": {"hide": condition}, "validate": {"required": True},
    }  # fmt: skip
    return forms.load(json.dumps({"type": "default", "components": [field]}), "odd")


@pytest.fixture(params=["=1 +", "=nofunc(b)"])
def deployed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> forms.Form:
    """A form that stands in forms/schemas though its condition cannot be judged."""
    form = odd_form(request.param)
    every = MappingProxyType({**forms.shipped(), "odd": form})
    monkeypatch.setattr(forms, "shipped", lambda: every)
    return form


def test_a_field_with_such_a_condition_stays_visible(deployed: forms.Form) -> None:
    assert form_conditions.evaluate(deployed.fields[0].hide[0], {}) is None
    clean, errors = forms.validate(deployed, {"f": "x"}, "en", evaluate=form_conditions.evaluate)
    assert (clean, errors) == ({"f": "x"}, {})


@pytest.mark.usefixtures("deployed")
def test_a_diagram_that_names_such_a_form_is_refused(session: Session, clock: MovingClock) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        definitions.deploy("a.bpmn", ODD, actor("admin"), clock())
    assert [(one.element, one.rule) for one in refused.value.findings] == [
        ("a", "reference.form-condition")
    ]
