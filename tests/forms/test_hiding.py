"""What conditions hide: fields, texts, and groups in which nothing is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms import Form, find_hidden_parts
from tests.forms.samples import ask, make

HIDE = {"conditional": {"hide": "=kind is not complaint"}}


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    """The two conditions that these forms know."""
    if text == "kind is not complaint":
        return context["kind"] != "complaint"
    return context["amount"] is not None and context["amount"] > 100


def group(name: str, *components: dict[str, Any], **more: Any) -> dict[str, Any]:
    inner = [{"label": name, **one} if "key" in one else one for one in components]
    return {"type": "group", "id": name, "label": name, "components": inner, **more}


def hidden(form: Form, **data: Any) -> set[str]:
    return set(find_hidden_parts(form, data, "en", evaluate=evaluate))


def test_fields_texts_and_emptied_groups() -> None:
    form = make(
        ask("textfield", "kind", id="Kind"),
        group(
            "G",
            ask("textfield", "a", id="A", **HIDE),
            {"type": "text", "id": "T", "text": "Words", **HIDE},
            {"type": "separator", "id": "S"},
        ),
        group("H", ask("textfield", "b", id="B", **HIDE), ask("textfield", "c", id="C")),
    )
    assert hidden(form, kind="complaint") == set()
    assert hidden(form, kind="thanks") == {"A", "T", "G", "B"}


def test_a_group_hides_all_that_is_in_it() -> None:
    form = make(ask("textfield", "kind"), group("G", ask("textfield", "a", id="A"), **HIDE))
    assert hidden(form) == {"G", "A"}
    assert hidden(form, kind="complaint") == set()


def test_answers_count_as_validation_reads_them() -> None:
    rest = ask("textfield", "rest", id="Rest", conditional={"hide": "=amount over 100"})
    form = make(ask("number", "amount", decimalDigits=0), rest)
    assert hidden(form, amount="۱٬۵۰۰") == {"Rest"}
    assert hidden(form, amount=1500) == {"Rest"}
    assert hidden(form, amount="many") == set()
    assert hidden(form) == set()


def test_a_hidden_answer_counts_as_unanswered() -> None:
    form = make(
        ask("textfield", "kind"),
        ask("number", "amount", id="Amount", **HIDE),
        ask("textfield", "rest", id="Rest", conditional={"hide": "=amount over 100"}),
    )
    assert hidden(form, kind="complaint", amount="500") == {"Rest"}
    assert hidden(form, kind="thanks", amount="500") == {"Amount"}


def test_nothing_is_hidden_without_a_way_to_tell() -> None:
    form = make(ask("textfield", "kind"), ask("textfield", "a", **HIDE))
    assert find_hidden_parts(form, {}, "en") == frozenset()
