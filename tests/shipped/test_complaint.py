"""Every branch of the shipped complaint process, as ISO 10002 asks for it."""

from __future__ import annotations

from typing import Any

import pytest

import bpmn
from tests.shipped.walk import LOADED, Walk, load

PLAIN: dict[str, Any] = {
    "kind": "complaint",
    "severity": "medium",
    "impact": "low",
    "complexity": "low",
    "people_concerned": 1,
}
GRAVE: dict[str, Any] = {"severity": "high", "impact": "high"}
HARD: dict[str, Any] = {"complexity": "high"}
WIDE: dict[str, Any] = {**HARD, "people_concerned": 10}
FACTS: dict[str, Any] = {"findings": "کمپرسور خراب است.", "founded": "yes"}
REMEDY: dict[str, Any] = {"remedy": "replacement", "explanation": "یخچال شما تعویض می‌شود."}
DONE: dict[str, Any] = {"done_on": "2026-05-12", "done": "یخچال نو تحویل شد."}


def submitted(tier: str = "silver") -> Walk:
    walk = load(tier)
    walk.start(about="product", product="Ara 28", happened_on="2026-04-30")
    return walk


def assessed(tier: str = "silver", **more: Any) -> Walk:
    walk = submitted(tier)
    walk.answer("assess", "narges", **{**PLAIN, **more})
    return walk


def investigated(**more: Any) -> Walk:
    walk = assessed(**more)
    walk.answer("check_facts", "sara", **FACTS)
    return walk


def proposed(**more: Any) -> Walk:
    """Safety aside, a grave complaint whose remedy the manager must approve."""
    walk = investigated(people_concerned=12)
    walk.answer("propose_remedy", "reza", **{**REMEDY, **more})
    return walk


def decided() -> Walk:
    walk = investigated()
    walk.answer("propose_remedy", "reza", **REMEDY)
    return walk


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


def test_a_customer_whom_no_letter_reaches_is_called() -> None:
    walk = load()
    walk.post_is_held = True
    walk.start(about="bill")
    walk.bounce("acknowledge")
    assert walk.waits == ["reach_customer"]
    walk.answer("reach_customer", "omid", reached_by="phone")
    assert walk.waits == ["assess"]


@pytest.mark.parametrize("kind", ["question", "incident", "dispute", "duplicate"])
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
    assert ("نیز می‌گوییم" in walk.letters[-1].body) == (kind == "duplicate")
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


def test_an_answer_that_overtakes_the_question_is_not_missed() -> None:
    walk = questioned()
    walk.deliver("customer_message", text="مدل ۲۸", at=walk.now.isoformat())
    walk.post_is_held = False
    walk.send()
    assert walk.waits == ["check_facts"]
    assert walk.task("check_facts").variables["customer_added"] == "مدل ۲۸"
    assert [t.element for t in walk.outcome.timers] == ["investigation_late"]


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


def test_no_delay_is_told_once_the_investigation_has_ended() -> None:
    walk = assessed()
    walk.fire("investigation_late")
    walk.answer("check_facts", "sara", **FACTS)
    walk.answer("propose_remedy", "reza", **REMEDY)
    assert walk.waits == ["set_new_date"]
    walk.answer("set_new_date", "maryam")
    assert walk.sent[-1] == "complaint-decision"
    assert walk.ends == ["delay_over"]


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


def test_a_danger_that_nobody_assessed_yet_stays_too() -> None:
    walk = load()
    walk.start(about="product", danger=True)
    walk.deliver("customer_withdraws", reason="حل شد.")
    assert walk.waits == ["remove_danger_still"]


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


def test_a_small_remedy_needs_no_manager() -> None:
    walk = decided()
    assert "approve_remedy" not in walk.path
    assert walk.sent[-1] == "complaint-decision"
    assert "یخچال شما تعویض می‌شود." in walk.letters[-1].body
    assert walk.stage == "answer"


@pytest.mark.parametrize(("amount", "asked"), [(50_000_000, False), (50_000_001, True)])
def test_a_large_amount_needs_the_manager(amount: int, asked: bool) -> None:
    walk = investigated()
    money = {"remedy": "refund", "remedy_amount": amount, "explanation": "پول شما برمی‌گردد."}
    walk.answer("propose_remedy", "reza", **money)
    assert (walk.waits == ["approve_remedy"]) is asked


def test_the_manager_approves() -> None:
    walk = proposed()
    assert walk.waits == ["approve_remedy"]
    assert walk.task("approve_remedy").candidate_groups == ("managers",)
    walk.answer("approve_remedy", "maryam", approval="approved")
    assert walk.outcome.variables["approved_by"] == "maryam"
    assert walk.sent[-1] == "complaint-decision"


def test_nobody_approves_what_they_proposed() -> None:
    walk = investigated(people_concerned=12)
    walk.answer("propose_remedy", "maryam", **REMEDY)
    assert walk.task("approve_remedy").excluded_users == ("maryam",)


def test_after_three_returns_somebody_else_decides() -> None:
    walk = proposed()
    for returns in (1, 2, 3):
        walk.answer("approve_remedy", "maryam", approval="sent_back", return_reasons="کم است.")
        assert walk.outcome.variables["returns"] == returns
        assert walk.task("propose_remedy").variables["return_reasons"] == "کم است."
        walk.answer("propose_remedy", "reza", **REMEDY)
    walk.answer("approve_remedy", "maryam", approval="sent_back", return_reasons="باز هم کم.")
    assert walk.waits == ["decide_remedy"]
    assert sorted(walk.task("decide_remedy").excluded_users) == ["maryam", "reza"]
    assert walk.task("decide_remedy").candidate_groups == ("managers", "quality")
    walk.answer(
        "decide_remedy", "babak", remedy="compensation", remedy_amount=9_000_000,
        explanation="خسارت شما را می‌پردازیم.",
    )  # fmt: skip
    assert walk.sent[-1] == "complaint-decision"
    assert "جبران خسارت" in walk.letters[-1].body


def test_a_decision_that_cannot_be_delivered_is_told_in_person() -> None:
    walk = investigated()
    walk.post_is_held = True
    walk.answer("propose_remedy", "reza", **REMEDY)
    walk.bounce("communicate_decision")
    assert walk.waits == ["reach_with_decision"]
    assert walk.task("reach_with_decision").variables["to_tell"] == REMEDY["explanation"]
    walk.answer("reach_with_decision", "sara", reached_by="phone", reached_note="پذیرفت.")
    assert "await_answer" in walk.outcome.tokens


def test_the_customer_accepts_and_the_case_is_closed_while_learning_goes_on() -> None:
    walk = decided()
    walk.deliver("customer_answer", answer="accept", reason="")
    assert walk.waits == ["carry_out_remedy"]
    walk.answer("carry_out_remedy", "sara", **DONE)
    assert walk.sent[-1] == "complaint-closed"
    assert "یخچال نو تحویل شد." in walk.letters[-1].body
    assert walk.ends == ["closed"]
    assert walk.stage == "closed"
    assert walk.ended_as == "accepted"
    assert walk.outcome.status == "active"
    assert walk.waits == ["find_cause"]
    assert walk.task("find_cause").candidate_groups == ("quality",)


def test_silence_of_ten_working_days_settles_the_case() -> None:
    walk = decided()
    assert "۲۳ اردیبهشت ۱۴۰۵" in walk.letters[-1].body, "the day is told before"
    walk.fire("silence")
    assert walk.waits == ["carry_out_remedy"]
    walk.answer("carry_out_remedy", "sara", **DONE)
    assert walk.ended_as == "not_answered"


@pytest.mark.parametrize("remedy", ["explanation", "apology"])
def test_words_that_were_given_are_not_carried_out_again(remedy: str) -> None:
    walk = assessed()
    walk.answer("check_facts", "sara", findings="دستگاه سالم است.", founded="no")
    walk.answer("propose_remedy", "reza", remedy=remedy, explanation="دستگاه سالم است.")
    walk.deliver("customer_answer", answer="accept", reason="")
    assert walk.sent[-1] == "complaint-closed"
    assert "کاری برای انجام نمانده است" in walk.letters[-1].body
    assert walk.waits == ["find_cause"]
    assert walk.ended_as == "accepted"


def closing() -> Walk:
    walk = decided()
    walk.deliver("customer_answer", answer="accept", reason="")
    walk.post_is_held = True
    walk.answer("carry_out_remedy", "sara", **DONE)
    return walk


def withdrawing() -> Walk:
    walk = assessed()
    walk.post_is_held = True
    walk.deliver("customer_withdraws", reason="حل شد.")
    return walk


def handing_over() -> Walk:
    walk = submitted()
    walk.answer("assess", "narges", kind="question")
    walk.post_is_held = True
    walk.answer("hand_over", "omid", handed_to="فروش", handed_over_because="پرسش است.")
    return walk


@pytest.mark.parametrize(
    ("begin", "letter", "outcome"),
    [
        (closing, "close_request", "accepted"),
        (withdrawing, "confirm_withdrawal", "withdrawn"),
        (handing_over, "tell_handed_over", "handed_over"),
    ],
)
def test_no_closing_waits_for_its_letter(begin: Any, letter: str, outcome: str) -> None:
    walk = begin()
    assert [job.element for job in walk.outcome.jobs] == [letter]
    assert (walk.stage, walk.ended_as) == ("closed", outcome)
    walk.bounce(letter)
    assert walk.ends[-1] in {"closed", "withdrawn", "handed_over"}


def test_an_objection_is_reviewed_by_another_person_and_upheld() -> None:
    walk = decided()
    walk.deliver("customer_answer", answer="object", reason="پول می‌خواهم.")
    task = walk.task("review_again")
    assert sorted(task.excluded_users) == ["reza", "sara"]
    assert task.variables["objection"] == "پول می‌خواهم."
    walk.answer(
        "review_again", "leila", review_result="upheld", review_explanation="تعویض بهتر است."
    )
    assert walk.outcome.variables["remedy"] == "replacement"
    assert walk.sent[-1] == "complaint-reviewed"
    assert "پابرجا" in walk.letters[-1].body
    assert walk.waits == ["carry_out_remedy"]
    walk.answer("carry_out_remedy", "sara", **DONE)
    assert walk.ended_as == "upheld"


def test_a_review_that_cannot_be_delivered_is_told_in_person() -> None:
    walk = decided()
    walk.deliver("customer_answer", answer="object", reason="پول می‌خواهم.")
    walk.post_is_held = True
    walk.answer("review_again", "leila", review_result="upheld", review_explanation="بهتر است.")
    walk.bounce("tell_review")
    assert walk.waits == ["reach_with_review"]
    assert walk.task("reach_with_review").variables["to_tell"] == "بهتر است."
    walk.answer("reach_with_review", "sara", reached_by="phone")
    assert walk.waits == ["carry_out_remedy"]


def test_nobody_who_handled_the_case_reviews_it() -> None:
    walk = assessed(units=["intake"], unit_question="کی تعمیر شد؟", **GRAVE)
    walk.answer("ask_unit", "omid", unit_answer="فروردین")
    walk.answer("review_legally", "zahra", legal_opinion="تعهد داریم.")
    walk.answer("check_facts", "anna", **FACTS, needs_information=True, question="کدام مدل؟")
    walk.deliver("customer_message", text="مدل ۲۸", at=walk.now.isoformat())
    walk.answer("check_facts", "ben", **FACTS)
    walk.answer("propose_remedy", "carl", **REMEDY)
    walk.answer("approve_remedy", "boss", approval="sent_back", return_reasons="کم است.")
    walk.answer("propose_remedy", "dora", **REMEDY)
    walk.answer("approve_remedy", "chief", approval="approved")
    walk.deliver("customer_answer", answer="object", reason="نه.")
    task = walk.task("review_again")
    everyone = ["anna", "ben", "boss", "carl", "chief", "dora", "omid", "zahra"]
    assert sorted(task.excluded_users) == everyone
    assert task.candidate_groups == ("complaints", "managers")


def test_a_review_may_change_the_decision() -> None:
    walk = proposed()
    walk.answer("approve_remedy", "maryam", approval="approved")
    walk.deliver("customer_answer", answer="object", reason="پول می‌خواهم.")
    assert sorted(walk.task("review_again").excluded_users) == ["maryam", "reza", "sara"]
    walk.answer(
        "review_again", "leila", review_result="changed", new_remedy="refund",
        new_amount=30_000_000, review_explanation="حق با شماست.",
    )  # fmt: skip
    assert walk.outcome.variables["remedy"] == "refund"
    assert walk.outcome.variables["remedy_amount"] == 30_000_000
    assert walk.outcome.variables["reviewed_by"] == "leila"
    assert "تغییر کرد" in walk.letters[-1].body
    assert walk.waits == ["carry_out_remedy"]
    walk.answer("carry_out_remedy", "sara", **DONE)
    assert walk.ended_as == "changed"


def closed() -> Walk:
    walk = decided()
    walk.deliver("customer_answer", answer="accept", reason="")
    walk.answer("carry_out_remedy", "sara", **DONE)
    return walk


def test_learning_may_end_with_the_cause() -> None:
    walk = closed()
    walk.answer("find_cause", "mina", why_1="قطعهٔ نامرغوب", cause_category="supplier")
    assert walk.ends == ["closed", "nothing_more"]
    assert walk.outcome.status == "completed"


def test_corrective_action_is_planned_until_it_works() -> None:
    walk = closed()
    walk.answer(
        "find_cause", "mina", why_1="قطعهٔ نامرغوب", cause_category="supplier", action_needed=True
    )
    for effective in ("no", "yes"):
        walk.answer(
            "plan_action", "babak", corrective_action="تعویض تأمین‌کننده", action_owner="بابک",
            action_due="2026-06-01", check_after_days=20,
        )  # fmt: skip
        assert walk.waits == []
        walk.fire("time_to_work")
        walk.answer("check_effect", "mina", effective=effective, effect_note="خرابی کمتر شد.")
    assert walk.ends == ["closed", "learned"]
    assert walk.outcome.status == "completed"


def test_a_text_after_closing_is_still_put_on_file() -> None:
    walk = closed()
    walk.deliver("customer_message", text="سپاس", at=walk.now.isoformat())
    assert walk.outcome.variables["customer_added"] == "سپاس"
    assert walk.waits == ["find_cause"]


def test_the_stages_follow_the_case_in_order() -> None:
    walk = closed()
    told = [walk.definition.elements[e].properties.get("stage") for e in walk.path]
    seen = list(dict.fromkeys(stage for stage in told if stage))
    assert seen == [stage.key for stage in walk.definition.stages]


def test_a_completed_task_is_gone() -> None:
    walk = submitted()
    key = walk.task("assess").key
    walk.answer("assess", "narges", **PLAIN)
    with pytest.raises(bpmn.UnknownKey):
        walk.step(bpmn.CompleteTask(key, {}, "narges"))


def test_these_stories_take_every_flow() -> None:
    LOADED.clear()
    for story in (
        test_a_customer_whom_no_letter_reaches_is_called,
        test_danger_is_removed_beside_the_investigation,
        test_investigation_asks_the_named_units_each_in_its_group,
        test_the_customers_answer_brings_the_investigation_back,
        test_silence_is_reminded_twice_and_then_the_case_goes_on,
        test_a_late_investigation_goes_to_the_manager_and_the_customer_is_told,
        test_what_the_customer_adds_is_put_on_file_and_told,
        test_a_small_remedy_needs_no_manager,
        test_after_three_returns_somebody_else_decides,
        test_an_answer_that_overtakes_the_question_is_not_missed,
        test_no_delay_is_told_once_the_investigation_has_ended,
        test_a_danger_stays_although_the_customer_withdraws,
        test_a_review_that_cannot_be_delivered_is_told_in_person,
        test_a_decision_that_cannot_be_delivered_is_told_in_person,
        test_silence_of_ten_working_days_settles_the_case,
        test_a_review_may_change_the_decision,
        test_learning_may_end_with_the_cause,
        test_corrective_action_is_planned_until_it_works,
    ):
        story()
    test_what_is_no_new_complaint_is_handed_over("question")
    test_a_question_that_cannot_be_delivered_is_asked_in_person("phone", True)
    test_words_that_were_given_are_not_carried_out_again("apology")
    test_the_customer_may_withdraw_at_any_time(assessed)
    taken = set().union(*(walk.flows for walk in LOADED))
    assert set(LOADED[0].definition.flows) - taken == set()
