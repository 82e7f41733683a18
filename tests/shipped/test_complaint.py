"""A complaint from receipt to the end of the investigation, as ISO 10002 asks for it."""

from __future__ import annotations

from typing import Any

import pytest

import bpmn
from tests.shipped.stories import (
    FACTS,
    GRAVE,
    HARD,
    PLAIN,
    WIDE,
    assessed,
    decided,
    investigated,
    proposed,
    submitted,
)
from tests.shipped.walk import Walk, load


def test_receipt_is_acknowledged_at_once() -> None:
    walk = submitted()
    assert walk.sent == ["complaint-acknowledged"]
    assert walk.letters[0].subject == "شکایت شما رسید: R-000042"
    assert walk.waits == ["assess"]
    assert walk.task("assess").candidate_groups == ("intake",)
    assert walk.stage == "assessment"


def test_danger_told_by_the_customer_is_ticked_for_the_assessor() -> None:
    walk = load()
    walk.start(about="product", danger=True)
    assert walk.task("assess").variables["safety"] is True
    walk.answer("assess", "narges", **PLAIN, safety=False)
    assert walk.outcome.variables["safety"] is False
    assert walk.outcome.variables["danger"] is True


def test_a_danger_is_removed_although_the_case_is_handed_over() -> None:
    walk = load()
    walk.start(about="product", danger=True)
    assert walk.task("assess").variables["safety"] is True
    walk.answer("assess", "narges", kind="incident", safety=True)
    assert sorted(walk.waits) == ["act_at_once", "hand_over"]
    assert walk.task("act_at_once").candidate_groups == ("intake",)


@pytest.mark.parametrize("kind", ["question", "incident", "dispute"])
def test_what_is_no_new_complaint_is_handed_over(kind: str) -> None:
    walk = submitted()
    walk.answer("assess", "narges", kind=kind)
    assert walk.waits == ["hand_over"]
    walk.answer(
        "hand_over", "omid", handed_to="فروش", other_number="R-000007",
        handed_over_because="همکاران فروش پاسخ می‌دهند.",
    )  # fmt: skip
    assert walk.sent[-1] == "complaint-handed-over"
    assert "R-000007" in walk.letters[-1].body
    assert walk.ends == ["handed_over"]
    assert walk.ended_as == "handed_over"
    assert walk.outcome.status == "completed"


@pytest.mark.parametrize(
    ("assessment", "tier", "priority", "group", "approval", "immediate", "legal"),
    [
        ({"safety": True}, "silver", "urgent", "quality", True, True, True),
        (GRAVE, "silver", "urgent", "complaints", True, False, True),
        (WIDE, "silver", "high", "quality", True, False, True),
        ({"people_concerned": 10}, "silver", "high", "complaints", True, False, False),
        ({"severity": "high"}, "silver", "high", "complaints", False, False, False),
        ({"impact": "high"}, "silver", "high", "complaints", True, False, False),
        (HARD, "silver", "normal", "quality", False, False, False),
        ({"recurrence": True}, "silver", "high", "quality", False, False, False),
        ({"recurrence": True, **HARD}, "gold", "high", "quality", False, False, False),
        ({}, "gold", "high", "complaints", False, False, False),
        ({"severity": "low"}, "silver", "low", "complaints", False, False, False),
        ({}, "silver", "normal", "complaints", False, False, False),
    ],
)  # fmt: skip
def test_the_table_decides_priority_group_and_checks(
    assessment: dict[str, Any],
    tier: str,
    priority: str,
    group: str,
    approval: bool,
    immediate: bool,
    legal: bool,
) -> None:
    known = assessed(tier, **assessment).outcome.variables
    assert (known["priority"], known["group"]) == (priority, group)
    asked = (known["needs_approval"], known["immediate_action"], known["legal_review"])
    assert asked == (approval, immediate, legal)


def test_danger_is_removed_beside_the_investigation() -> None:
    walk = assessed(safety=True)
    assert walk.waits == ["act_at_once", "check_facts", "review_legally"]
    assert walk.task("act_at_once").candidate_groups == ("intake",)
    assert walk.task("check_facts").candidate_groups == ("quality",)
    walk.answer("act_at_once", "omid", danger_action="برق قطع شد.", danger_over=True)
    assert walk.ends == ["danger_removed"]
    assert walk.waits == ["check_facts", "review_legally"]


def test_investigation_asks_the_named_units_each_in_its_group() -> None:
    walk = assessed(units=["intake", "quality"], unit_question="کی تعمیر شد؟")
    assert walk.waits == ["ask_unit", "ask_unit", "check_facts"]
    asked = [t for t in walk.outcome.user_tasks if t.element == "ask_unit"]
    assert [t.candidate_groups for t in asked] == [("intake",), ("quality",)]
    assert asked[0].variables["unit_question"] == "کی تعمیر شد؟"
    walk.answer("ask_unit", "omid", unit_answer="فروردین")
    walk.answer("check_facts", "sara", **FACTS)
    assert walk.waits == ["ask_unit"]
    walk.answer("ask_unit", "mina", unit_answer="دو بار")
    assert walk.outcome.variables["unit_answers"] == [
        {"unit": "intake", "answer": "فروردین", "by": "omid"},
        {"unit": "quality", "answer": "دو بار", "by": "mina"},
    ]
    said = walk.task("propose_remedy").variables["units_said"]
    assert said == "• فروردین\n• دو بار"


def test_the_customers_answer_brings_the_investigation_back() -> None:
    walk = assessed(units=["quality"], unit_question="؟", **GRAVE)
    walk.answer("ask_unit", "mina", unit_answer="بله")
    walk.answer("review_legally", "maryam", legal_opinion="تعهد داریم.")
    walk.answer("check_facts", "sara", **FACTS, needs_information=True, question="کدام مدل؟")
    assert walk.sent[-1] == "complaint-question"
    assert "کدام مدل؟" in walk.letters[-1].body
    assert "await_information" in walk.outcome.tokens
    waiting = walk.definition.elements["await_information"]
    assert waiting.properties["waits"] == "customer"

    walk.deliver("customer_message", text="مدل ۲۸", at=walk.now.isoformat())
    assert walk.waits == ["check_facts"], "units and lawyers are not asked twice"
    assert walk.task("check_facts").variables["customer_added"] == "مدل ۲۸"
    assert walk.sent[-1] == "complaint-question"
    walk.answer("check_facts", "sara", **FACTS)
    assert walk.waits == ["propose_remedy"]


def questioned() -> Walk:
    """The handler asked, and the letter with the question is not sent yet."""
    walk = assessed()
    walk.post_is_held = True
    walk.answer("check_facts", "sara", **FACTS, needs_information=True, question="کدام مدل؟")
    return walk


def test_an_answer_that_overtakes_a_reminder_is_not_missed() -> None:
    walk = assessed()
    walk.deliver("customer_message", text="پیش از پرسش", at=walk.now.isoformat())
    walk.answer("check_facts", "sara", **FACTS, needs_information=True, question="کدام مدل؟")
    assert "await_information" in walk.outcome.tokens, "what came before the question is no answer"
    walk.post_is_held = True
    walk.fire("no_information")
    walk.deliver("customer_message", text="مدل ۲۸", at=walk.now.isoformat())
    walk.post_is_held = False
    walk.send()
    assert walk.waits == ["check_facts"]


@pytest.mark.parametrize(("reached_by", "goes_on"), [("phone", True), ("not_reached", False)])
def test_a_question_that_cannot_be_delivered_is_asked_in_person(
    reached_by: str, goes_on: bool
) -> None:
    walk = questioned()
    walk.bounce("ask_customer")
    walk.post_is_held = False
    assert walk.waits == ["reach_with_question"]
    assert walk.task("reach_with_question").variables["to_tell"] == "کدام مدل؟"
    walk.answer("reach_with_question", "sara", reached_by=reached_by, reached_note="مدل ۲۸")
    assert (walk.waits == ["check_facts"]) is goes_on
    if goes_on:
        assert walk.task("check_facts").variables["reached_note"] == "مدل ۲۸"
    else:
        walk.fire("no_information")
        assert walk.sent[-1] == "complaint-reminder"


def test_silence_is_reminded_twice_and_then_the_case_goes_on() -> None:
    walk = assessed()
    walk.answer("check_facts", "sara", **FACTS, needs_information=True, question="کدام مدل؟")
    days = []
    for _ in range(3):
        before = walk.now
        walk.fire("no_information")
        days.append((walk.now - before).days)
    assert walk.sent[-2:] == ["complaint-reminder", "complaint-reminder"]
    assert walk.waits == ["propose_remedy"]
    assert "without_answer" in walk.path
    assert days[0] < days[1] < days[2]


def test_a_late_investigation_goes_to_the_manager_and_the_customer_is_told() -> None:
    walk = assessed()
    walk.fire("investigation_late")
    assert walk.waits == ["check_facts", "set_new_date"]
    assert walk.task("set_new_date").candidate_groups == ("managers",)
    walk.answer("set_new_date", "maryam", new_date="2026-05-20", delay_reason="قطعه نرسیده است.")
    assert walk.sent[-1] == "complaint-delayed"
    assert "۳۰ اردیبهشت ۱۴۰۵" in walk.letters[-1].body
    assert walk.ends == ["delay_told"]
    assert walk.waits == ["check_facts"]


@pytest.mark.parametrize(
    ("assessment", "late"),
    [
        (GRAVE, "2026-05-02T13:30"),
        ({"severity": "high"}, "2026-05-03T09:30"),
        ({}, "2026-05-05T09:30"),
    ],
)
def test_the_grave_is_late_sooner(assessment: dict[str, Any], late: str) -> None:
    walk = assessed(**assessment)
    (timer,) = walk.outcome.timers
    local = timer.due_at.astimezone(walk.now.tzinfo)
    assert local.isoformat().startswith(late), "4, 8 or 24 hours of an eight-hour day"


def test_what_the_customer_adds_is_put_on_file_and_told() -> None:
    walk = assessed()
    walk.deliver("customer_message", text="سند را فرستادم.", at=walk.now.isoformat())
    walk.deliver("customer_message", text="و عکس را.", at=walk.now.isoformat())
    assert walk.outcome.variables["customer_added"] == "سند را فرستادم.\n\nو عکس را."
    assert walk.sent[-2:] == ["complaint-customer-wrote"] * 2
    assert walk.letters[-1].to == "group:complaints"
    assert "و عکس را." in walk.letters[-1].body
    assert walk.waits == ["check_facts"]


def test_many_texts_stay_within_what_a_variable_may_hold() -> None:
    walk = assessed()
    for number in range(130):
        walk.deliver("customer_message", text=f"{number} " + "ن" * 9990, at=walk.now.isoformat())
    kept = walk.outcome.variables["customer_added"].split("\n\n")
    assert [text.split()[0] for text in kept] == ["125", "126", "127", "128", "129"]
    assert walk.outcome.variables["customer_said"] == 130


@pytest.mark.parametrize("begin", [submitted, assessed, investigated, proposed, decided])
def test_the_customer_may_withdraw_at_any_time(begin: Any) -> None:
    walk = begin()
    walk.deliver("customer_withdraws", reason="حل شد.")
    assert walk.sent[-1] == "complaint-withdrawn"
    assert walk.waits == []
    assert walk.ends[-1] == "withdrawn"
    assert walk.ended_as == "withdrawn"
    assert walk.outcome.status == "completed"
    assert walk.outcome.messages == ()


def test_a_danger_stays_although_the_customer_withdraws() -> None:
    walk = assessed(safety=True)
    walk.deliver("customer_withdraws", reason="حل شد.")
    assert walk.ended_as == "withdrawn"
    assert walk.waits == ["remove_danger_still"]
    assert walk.task("remove_danger_still").candidate_groups == ("intake",)
    danger = {"danger_action": "برق قطع شد.", "danger_over": True}
    walk.answer("remove_danger_still", "omid", **danger)
    assert walk.outcome.status == "completed"


def test_a_danger_removed_before_is_not_removed_twice() -> None:
    walk = assessed(safety=True)
    walk.answer("act_at_once", "omid", danger_action="برق قطع شد.", danger_over=True)
    walk.deliver("customer_withdraws", reason="حل شد.")
    assert walk.waits == []


def test_a_danger_that_the_assessor_ruled_out_is_gone() -> None:
    walk = load()
    walk.start(about="product", danger=True)
    walk.answer("assess", "narges", **PLAIN, safety=False)
    walk.deliver("customer_withdraws", reason="حل شد.")
    assert walk.waits == []


def test_a_completed_task_is_gone() -> None:
    walk = submitted()
    key = walk.task("assess").key
    walk.answer("assess", "narges", **PLAIN)
    with pytest.raises(bpmn.UnknownKey):
        walk.step(bpmn.CompleteTask(key, {}, "narges"))
