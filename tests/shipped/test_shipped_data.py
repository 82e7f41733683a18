"""Whatever a shipped file names exists, and whatever a person reads is there in fa and en."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from xml.sax.saxutils import unescape

import pytest

import bpmn
import connectors
import forms
import sla
from app.services.casework import catalogue, surveys
from app.services.deployment.references import known_job_types
from app.services.deployment.shipped import GROUPS
from app.services.sending import wording
from app.services.service_levels import promise_letters
from bpmn import feel

ROOT = Path(bpmn.__file__).parents[1]
DIAGRAMS = sorted((ROOT / "bpmn" / "diagrams").glob("*.bpmn"))
TABLES = sorted((ROOT / "bpmn" / "diagrams").glob("*.dmn"))
MESSAGES = sorted((ROOT / "connectors" / "messages").glob("*.txt"))
SERVICES = sorted((ROOT / "app" / "catalogue").glob("*.toml"))
NAMED = frozenset({"userTask", "sendTask", "serviceTask", "scriptTask", "businessRuleTask",
                   "subProcess", "startEvent", "endEvent", "intermediateCatchEvent",
                   "boundaryEvent"})  # fmt: skip

diagrams = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)


def read(path: Path) -> bpmn.Definition:
    return bpmn.parse(path.read_bytes(), path.name)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@diagrams
def test_a_diagram_is_accepted_without_a_warning(path: Path) -> None:
    assert read(path).warnings == ()
    assert read(path).key == path.stem


@diagrams
def test_every_form_exists_and_every_user_task_has_one(path: Path) -> None:
    definition = read(path)
    assert set(definition.forms) <= set(forms.shipped())
    assert definition.start_form
    tasks = [e for e in definition.elements.values() if e.type == "userTask"]
    assert [task.id for task in tasks if not task.form] == []


@diagrams
def test_every_decision_exists(path: Path) -> None:
    known = {key for table in TABLES for key in decisions_of(table)}
    assert set(read(path).decisions) <= known


def decisions_of(table: Path) -> tuple[str, ...]:
    model = bpmn.parse_decision(table.read_bytes(), table.name)
    return tuple(model.decisions)


@diagrams
def test_every_group_and_kind_of_job_exists(path: Path) -> None:
    definition = read(path)
    assert set(definition.groups) <= set(GROUPS)
    assert set(definition.job_types) <= known_job_types()


@diagrams
def test_every_message_template_exists_in_both_languages(path: Path) -> None:
    shipped = connectors.messages.shipped()
    for template in re.findall(r'<zeebe:header key="template" value="([^"]+)"', text_of(path)):
        assert shipped[template] == {"fa", "en"}, template


@diagrams
def test_every_addressed_group_exists(path: Path) -> None:
    for to in re.findall(r'<zeebe:header key="to" value="([^"]+)"', text_of(path)):
        if to.startswith("="):
            feel.compile(unescape(to, {"&quot;": '"'}).removeprefix("="))
        else:
            assert to == "customer" or to.removeprefix("group:") in GROUPS


@diagrams
def test_a_refused_letter_never_stops_a_case(path: Path) -> None:
    """Each letter to a customer is optional, or its border catches that it did not arrive.

    A notice to colleagues is neither: a fault tells the managers that nobody knows.
    """
    caught = set(re.findall(r'attachedToRef="(\w+)"', text_of(path)))
    for element in read(path).elements.values():
        to_customer = element.headers.get("to", "customer") == "customer"
        if element.job_type == "notify" and to_customer:
            optional = element.headers.get("optional") == "true"
            assert optional != (element.id in caught), element.id


@diagrams
def test_every_step_is_named_in_both_languages(path: Path) -> None:
    definition = read(path)
    assert set(definition.names) == {"fa", "en"}
    for element in definition.elements.values():
        if element.type in NAMED:
            assert set(element.names) == {"fa", "en"}, element.id
    for stage in definition.stages:
        assert set(stage.names) == {"fa", "en"}, stage.key


@diagrams
def test_the_diagram_speaks_either_language(path: Path) -> None:
    for language in ("fa", "en"):
        shown = bpmn.parse(bpmn.localise(path.read_bytes(), language), path.name)
        for id_, element in read(path).elements.items():
            wanted = element.names.get(language)
            assert not wanted or wanted in shown.elements[id_].names.values()


@diagrams
def test_what_is_named_in_english_is_named_in_persian(path: Path) -> None:
    """Flows, lanes and the pool as well, which the engine does not show as elements."""
    named = re.findall(r"<bpmn:(?!message|error)\w+ id=\S+ name=", text_of(path))
    assert len(named) == text_of(path).count('<zeebe:property name="name_fa"')


@diagrams
def test_properties_say_what_the_product_understands(path: Path) -> None:
    definition = read(path)
    stages = {stage.key for stage in definition.stages}
    for element in definition.elements.values():
        for name, value in element.properties.items():
            check_property(name, value, stages)


def check_property(name: str, value: str, stages: set[str]) -> None:
    assert name in {
        "name_fa", "name_en", "stage", "waits", "sla", "excludes", "outcome", "title",
        "one_vote",
    }  # fmt: skip
    if name == "stage":
        assert value in stages
    if name == "waits":
        assert value in {"customer", "partner"}
    if name == "sla" and not value.startswith("="):
        assert sla.parse_duration(value)
    if name in {"excludes", "title"} or (name == "sla" and value.startswith("=")):
        feel.compile(value.removeprefix("="))


def test_every_stage_of_the_complaint_is_reached_by_some_step() -> None:
    definition = read(ROOT / "bpmn" / "diagrams" / "complaint.bpmn")
    reached = {e.properties.get("stage") for e in definition.elements.values()}
    assert reached - {None} == {stage.key for stage in definition.stages}


@pytest.mark.parametrize("key", sorted(forms.shipped()))
def test_a_form_is_complete_in_both_languages(key: str) -> None:
    form = forms.shipped()[key]
    assert form.warnings == ()
    for _, expression in forms.expressions(form):
        feel.compile(expression)


def test_every_form_is_used() -> None:
    used = {form for path in DIAGRAMS for form in read(path).forms}
    asked = {tomllib.loads(text_of(path))["form"] for path in SERVICES}
    assert used | asked | {surveys.FORM} == set(forms.shipped())


def test_every_message_template_is_used() -> None:
    used = {
        template
        for path in DIAGRAMS
        for template in re.findall(r'key="template" value="([^"]+)"', text_of(path))
    }
    steps = (step for ladder in sla.ladders().values() for step in ladder.steps)
    used |= {action.template for step in steps for action in step.actions} - {""}
    used |= {promise_letters.SOON, promise_letters.LATE, wording.REPLY}
    assert used == set(connectors.messages.shipped())


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_row_of_a_table_says_why_in_both_languages(path: Path) -> None:
    assert decisions_of(path)
    notes = re.findall(r"<annotationEntry>\s*<text>([^<]+)</text>", text_of(path))
    assert len(notes) == text_of(path).count("<rule ")
    for note in notes:
        english, persian = note.split(" / ")
        assert english.isascii()
        assert re.search("[آ-ی]", persian)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_names_what_exists(path: Path) -> None:
    service = tomllib.loads(text_of(path))
    assert service["key"] == path.stem
    assert service["process"] in {diagram.stem for diagram in DIAGRAMS}
    assert service["form"] in forms.shipped()
    assert service["policy"] in sla.policies()
    assert f'id="{service["icon"]}"' in text_of(ROOT / "app" / "static" / "icons.svg")
    for part in ("names", "descriptions", "promise", "keywords"):
        assert set(service[part]) == {"fa", "en"}


def test_some_service_of_a_process_begins_with_the_form_that_the_process_starts_with() -> None:
    """A process that serves many services takes the form of the plainest without a service."""
    by_process: dict[str, set[str]] = {}
    for path in SERVICES:
        service = tomllib.loads(text_of(path))
        by_process.setdefault(service["process"], set()).add(service["form"])
    for process, asked in by_process.items():
        assert read(ROOT / "bpmn" / "diagrams" / f"{process}.bpmn").start_form in asked


def test_the_groups_of_every_plan_exist() -> None:
    for service in catalogue.services().values():
        assert {task.group for task in service.plan} <= set(GROUPS), service.key


FORMS = sorted((ROOT / "forms" / "schemas").glob("*.form"))
TEXTS = [*DIAGRAMS, *TABLES, *MESSAGES, *SERVICES, *FORMS]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_persian_is_written_as_the_kit_asks(path: Path) -> None:
    text = text_of(path)
    assert not re.search("[يك٠-٩]", text), "Arabic letters or digits"
    assert "کاربر گرامی" not in text
    assert not re.search(r"[آ-ی]\s*!", text), "no exclamation marks"
    assert not re.search(r"\b(می|نمی) [آ-ی]", text), "a half-space after می"
    assert not re.search(r"[آ-ی] (ها|های|هایی)\b", text), "a half-space before ها"
