"""A complaint beside others: joined to one alike, in dispute outside, and learned from."""

from __future__ import annotations

from tests.shipped.stories import DONE, FACTS, PLAIN, REMEDY, assessed, closed, decided, submitted
from tests.shipped.walk import Walk

JOINED = {
    "handed_to": "رسیدگی به شکایت",
    "other_number": "R-000007",
    "handed_over_because": "همین شکایت باز است.",
}


def joined() -> Walk:
    """A complaint that is the same as an open one."""
    walk = submitted()
    walk.answer("assess", "narges", kind="duplicate")
    walk.answer("hand_over", "omid", **JOINED)
    return walk


def test_a_co_complainant_is_told_and_waits_for_the_original() -> None:
    walk = joined()
    assert walk.sent[-1] == "complaint-joined"
    assert "R-000007" in walk.letters[-1].body
    assert walk.outcome.tokens == ("original_ended",)
    assert walk.ended_as is None


def test_a_co_complainant_is_settled_with_the_original() -> None:
    walk = joined()
    walk.deliver("parent_resolved", settled=True, resolution="همه تعویض شد.", parent="R-000007")
    assert walk.sent[-1] == "complaint-closed-together"
    assert "همه تعویض شد." in walk.letters[-1].body
    assert (walk.stage, walk.ended_as) == ("closed", "settled_together")


def test_an_original_without_a_decision_leaves_the_others_theirs() -> None:
    walk = joined()
    walk.deliver("parent_resolved", settled=False, resolution="", parent="R-000007")
    assert walk.waits == ["assess"]
    walk.answer("assess", "narges", **PLAIN)
    assert walk.waits == ["check_facts"]


def test_those_joined_are_told_the_decision_and_settled_at_the_end() -> None:
    walk = assessed()
    walk.deliver("co_complainant", child="R-000050")
    walk.deliver("co_complainant", child="R-000051")
    assert walk.outcome.variables["co_complainants"] == 2
    walk.answer("check_facts", "sara", **FACTS)
    walk.answer("propose_remedy", "reza", **REMEDY)
    assert "inform_others" in walk.path
    walk.deliver("customer_answer", answer="accept", reason="")
    walk.answer("carry_out_remedy", "sara", **DONE)
    assert "settle_others" in walk.path
    assert walk.outcome.variables["resolved"] is True
    assert walk.outcome.variables["resolution"] == REMEDY["explanation"]


def test_nobody_handles_a_complaint_about_themselves() -> None:
    walk = assessed(staff_concerned="Sara، reza , ")
    assert set(walk.task("check_facts").excluded_users) >= {"sara", "reza"}
    walk.answer("check_facts", "omid", **FACTS)
    assert set(walk.task("propose_remedy").excluded_users) >= {"sara", "reza"}


def test_what_the_customer_said_of_others_concerned_is_filled_in() -> None:
    walk = submitted()
    assert walk.task("assess").variables["people_concerned"] == 1


def objected_twice() -> Walk:
    """The customer accepts neither the decision nor the review."""
    walk = decided()
    walk.deliver("customer_answer", answer="object", reason="پول می‌خواهم.")
    walk.answer("review_again", "leila", review_result="upheld", review_explanation="بهتر است.")
    walk.deliver("customer_answer", answer="object", reason="نمی‌پذیرم.")
    return walk


def test_a_second_objection_opens_a_dispute_and_waits_for_it() -> None:
    walk = objected_twice()
    assert walk.sent[-1] == "complaint-dispute"
    assert "R-000090" in walk.letters[-1].body
    assert walk.outcome.tokens == ("await_dispute",)
    walk.deliver("dispute_ended", settled=True, resolution="نصف پول.", done="واریز شد.")
    assert walk.sent[-1] == "complaint-closed"
    assert "واریز شد." in walk.letters[-1].body
    assert walk.ended_as == "settled_outside"


def test_an_unsettled_dispute_closes_the_complaint_as_not_settled() -> None:
    walk = objected_twice()
    walk.deliver("dispute_ended", settled=False, resolution=None, done=None)
    assert walk.ended_as == "not_settled"
    assert "بدون توافق" in walk.letters[-1].body
    assert "carry_out_remedy" not in walk.path


def test_a_survey_is_asked_once_reminded_once_and_then_left() -> None:
    walk = closed()
    walk.answer("find_cause", "babak", why_1="قطعه", cause_category="supplier")
    walk.fire("survey_due")
    walk.fire("no_survey")
    walk.fire("no_survey")
    assert walk.sent[-2:] == ["complaint-survey", "complaint-survey-reminder"]
    assert walk.outcome.status == "completed"
    assert "not_asked_again" in walk.ends


def test_a_low_score_brings_the_manager_to_call() -> None:
    walk = closed()
    walk.fire("survey_due")
    walk.deliver("customer_survey", survey_score="1", survey_promises="no", survey_comment="دیر")
    task = walk.task("call_back")
    assert task.candidate_groups == ("managers",)
    assert (task.variables["survey_score"], task.variables["survey_comment"]) == ("1", "دیر")


def test_actions_go_to_their_units_and_are_due_on_their_day() -> None:
    walk = closed()
    walk.answer("find_cause", "babak", why_1="قطعه", cause_category="supplier", action_needed=True)
    walk.answer(
        "plan_action", "babak", corrective_action="تعویض", action_owner="بابک",
        action_due="2026-06-01", check_after_days=5, preventive_action="بازبینی",
        preventive_group="complaints", preventive_owner="سارا", preventive_due="2026-06-10",
    )  # fmt: skip
    tasks = [task for task in walk.outcome.user_tasks if task.element == "do_action"]
    assert [task.candidate_groups for task in tasks] == [("quality",), ("complaints",)]
    assert [task.due_at.date().isoformat() for task in tasks if task.due_at] == [
        "2026-06-01",
        "2026-06-10",
    ]
