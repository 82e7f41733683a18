"""A kind of connector for tests, whose partner does what it is told and remembers everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from marshmallow import fields, validate

from connectors import registry
from connectors.contract import (
    Answer,
    Connector,
    Hook,
    Input,
    Options,
    Order,
    Repeats,
    Report,
    told,
)
from connectors.errors import DeliveryFailed, Unknown

SECRET = "sesame-9"


class ParrotOptions(Options):
    """One option of each sort."""

    place = fields.String(required=True, metadata=told({"en": "Place", "fa": "جا"}))
    port = fields.Integer(
        load_default=80,
        validate=validate.Range(1, 99),
        metadata=told({"en": "Port", "fa": "درگاه"}),
    )
    mood = fields.String(
        load_default="good",
        validate=validate.OneOf(["good", "bad"]),
        metadata=told(
            {"en": "Mood", "fa": "حال"},
            {"en": "How it feels.", "fa": "چه حالی دارد."},
            choices={"good": {"en": "Good", "fa": "خوب"}, "bad": {"en": "Bad", "fa": "بد"}},
        ),
    )
    loud = fields.Boolean(load_default=False, metadata=told({"en": "Loud", "fa": "بلند"}))
    words = fields.List(
        fields.String(), load_default=list, metadata=told({"en": "Words", "fa": "واژه‌ها"})
    )
    map = fields.Dict(load_default=dict, metadata=told({"en": "Map", "fa": "نگاشت"}))
    token = fields.String(load_default="", metadata=told({"en": "Token", "fa": "رمز"}, secret=True))


@dataclass
class Partner:
    """What the parrot's partner has got, and what it will do next."""

    script: list[Answer | DeliveryFailed | Exception | Callable[[Order], Answer]] = field(
        default_factory=list
    )
    orders: list[Order] = field(default_factory=list)
    options: list[Mapping[str, Any]] = field(default_factory=list)
    known: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def take(self, order: Order, options: Mapping[str, Any]) -> Answer:
        self.orders.append(order)
        self.options.append(options)
        planned = self.script.pop(0) if self.script else None
        answer = planned if isinstance(planned, Answer) else Answer(
            f"p-{len(self.orders)}", "taken", {"echo": dict(order.inputs)}
        )  # fmt: skip
        if planned is None or isinstance(planned, Answer | Unknown):
            self.known[order.reference] = answer
        if isinstance(planned, Exception):
            raise planned
        return planned(order) if callable(planned) else answer


class Parrot(Connector):
    kind = "parrot"
    task_type = "parrot"
    names: ClassVar = {"en": "Parrot", "fa": "طوطی"}
    about: ClassVar = {"en": "Says it again.", "fa": "باز می‌گوید."}
    abilities: ClassVar = frozenset({"call"})
    Options = ParrotOptions
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("text", {"en": "Text", "fa": "متن"}, required=True),
        Input("tone", {"en": "Tone", "fa": "لحن"}, kind="choice", default="soft",
              choices={"soft": {"en": "Soft", "fa": "آرام"}}),
        Input("data", {"en": "Data", "fa": "داده"}, kind="feel"),
    )  # fmt: skip
    results: ClassVar = {"echo": {"en": "What was said", "fa": "آنچه گفته شد"}}
    errors: ClassVar = {"deaf": {"en": "It heard nothing", "fa": "چیزی نشنید"}}
    repeats: ClassVar[Repeats] = "repeat"
    partner = Partner()

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        return self.partner.take(order, options)

    def probe(self, options: Mapping[str, Any]) -> str:
        if options["mood"] == "bad":
            raise DeliveryFailed(f"it bites, {options['token']}")
        return f"hello from {options['place']} {options['token']}"


class AskingParrot(Parrot):
    kind = "asking-parrot"
    task_type = "asking-parrot"
    abilities: ClassVar = frozenset({"call", "ask"})
    repeats = "ask"

    def ask(self, reference: str, options: Mapping[str, Any]) -> Answer | None:
        self.partner.asked.append(reference)
        return self.partner.known.get(reference)


class HeldParrot(Parrot):
    kind = "held-parrot"
    task_type = "held-parrot"
    repeats = "hold"


class TextingParrot(Parrot):
    """One that writes to people, as text messages do."""

    kind = "texting-parrot"
    task_type = "texting-parrot"
    abilities: ClassVar = frozenset({"send", "report"})
    inputs = (
        Input("to", {"en": "To", "fa": "گیرنده"}, required=True),
        Input("text", {"en": "Text", "fa": "متن"}, required=True),
    )

    def read_report(self, hook: Hook, options: Mapping[str, Any]) -> Sequence[Report]:
        reference, _, state = hook.body.decode().partition(" ")
        return [Report("failed" if state == "failed" else "delivered", reference=reference)]


KINDS = (Parrot, AskingParrot, HeldParrot, TextingParrot)


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Partner]:
    """The partner of the parrots, which are installed as another package would bring them."""
    points = [SimpleNamespace(load=lambda kind=kind: kind, value=kind.kind) for kind in KINDS]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    registry.forget()
    made = Partner()
    monkeypatch.setattr(Parrot, "partner", made)
    yield made
    registry.forget()
