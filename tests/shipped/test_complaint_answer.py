"""The remedy, the decision, the customer's answer to it and the closing of a complaint."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shipped.stories import (
    DONE,
    FACTS,
    GRAVE,
    REMEDY,
    assessed,
    closed,
    decided,
    investigated,
    proposed,
    submitted,
)
from tests.shipped.walk import Walk


def test_a_small_remedy_needs_no_manager() -> None:
    walk = decided()
    assert "approve_remedy" not in walk.path
    assert walk.sent[-1] == "complaint-decision"
    assert "یخچال شما تعویض می‌شود." in walk.letters[-1].body
    assert walk.stage == "answer"


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
    assert walk.task("decide_remedy").candidate_groups == ("directors", "quality")
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
    walk.post_is_held = False
    walk.send()
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
    walk.deliver("customer_answer", answer="accept", reason="")
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
    walk.fire("silence_after_review")
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
    walk.answer("approve_review", "maryam", approval="approved")
    assert walk.outcome.variables["remedy"] == "refund"
    assert walk.outcome.variables["remedy_amount"] == 30_000_000
    assert walk.outcome.variables["reviewed_by"] == "leila"
    assert "تغییر کرد" in walk.letters[-1].body
    walk.deliver("customer_answer", answer="accept", reason="")
    assert walk.waits == ["carry_out_remedy"]
    walk.answer("carry_out_remedy", "sara", **DONE)
    walk.answer("check_remedy", "omid", check_result="done")
    assert walk.ended_as == "changed"


def test_a_large_amount_of_a_review_is_approved_by_another_person() -> None:
    walk = proposed()
    walk.answer("approve_remedy", "maryam", approval="approved")
    walk.deliver("customer_answer", answer="object", reason="پول می‌خواهم.")
    walk.answer(
        "review_again", "leila", review_result="changed", new_remedy="refund",
        new_amount=80_000_000, review_explanation="حق با شماست.",
    )  # fmt: skip
    told = len(walk.letters)
    task = walk.task("approve_review")
    assert task.excluded_users == ("leila",)
    assert task.candidate_groups == ("managers",)
    walk.answer("approve_review", "maryam", approval="sent_back", return_reasons="زیاد است.")
    assert walk.waits == ["review_again"]
    assert len(walk.letters) == told, "the customer hears nothing that was not approved"
    walk.answer("review_again", "leila", review_result="upheld", review_explanation="بهتر است.")
    assert walk.outcome.variables["remedy"] == REMEDY["remedy"]
    assert len(walk.letters) == told + 1


def test_the_stages_follow_the_case_in_order() -> None:
    walk = closed()
    told = [walk.definition.elements[e].properties.get("stage") for e in walk.path]
    seen = list(dict.fromkeys(stage for stage in told if stage))
    assert seen == [stage.key for stage in walk.definition.stages]
