"""The story of a promise in words, in English and Persian, for pages, programs and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import bpmn
import sla
from app.i18n import format_exact, pick_text, to_digits
from app.services.service_levels.sla_story import Step, Story
from app.services.service_levels.sla_texts import PRIORITIES, STATES, TEXTS

Moment = Callable[[datetime], str]
"""How an instant is told."""


def say(key: str, language: str, **facts: object) -> str:
    """One of the texts with its facts; numbers in the digits of the language."""
    return TEXTS[key][language].format(
        **{name: to_digits(value, language) for name, value in facts.items()}
    )


def why(rule: Mapping[str, Any], names: sla.Names, language: str) -> str:
    """Why that much is promised: the rule in words, and those that it is more specific than."""
    if "when" not in rule:
        return say("diagram", language)
    chosen = facts(rule["when"], names, language)
    if rule.get("own_calendar"):
        chosen = f"{chosen} {say('own_calendar', language)}"
    over = [facts(one, names, language) for one in rule.get("over", ())]
    if not over:
        return chosen
    others = ("؛ " if language == "fa" else "; ").join(over)
    return say("over", language, rule=chosen, others=others)


def facts(when: Mapping[str, str], names: sla.Names, language: str) -> str:
    """What a rule asks about: ``customer tier gold and priority urgent``."""
    told = [
        say(fact, language, value=_value(fact, when[fact], names, language))
        for fact in sla.FACTS
        if fact in when
    ]
    return say("and", language).join(told) or say("any", language)


def _value(fact: str, value: str, names: sla.Names, language: str) -> str:
    if fact == "priority":
        return PRIORITIES.get(value, {}).get(language, value)
    return pick_text(names.get(f"{fact}:{value}"), language) or value


def reasons(found: Iterable[sla.Reason], language: str) -> str:
    """Why a clock started, stands, goes on or has stopped."""
    return say("and", language).join(dict.fromkeys(_reason(one, language) for one in found))


def _reason(one: sla.Reason, language: str) -> str:
    whole = f"{one.kind}:{one.value}" if one.value else one.kind
    if whole == "left":
        # The clock of a task ends with the task itself, which needs no name here.
        return say("task_left", language)
    if whole in TEXTS:
        return say(whole, language)
    if one.kind in ("policy", "calendar"):
        return versioned(one, language)
    name = pick_text(one.names, language) or one.value
    if one.kind in sla.FACTS:
        return say(one.kind, language, value=PRIORITIES.get(one.value, {}).get(language, name))
    return say(one.kind, language, name=name) if one.kind in TEXTS else whole


def conditions(found: Sequence[str], names: sla.Names, language: str) -> str:
    """What a policy names, any of which will do: “the request was submitted or ...”."""
    told = [_condition(one, names, language) for one in found]
    return say("or", language).join(dict.fromkeys(told))


def _condition(one: str, names: sla.Names, language: str) -> str:
    kind, _, value = one.partition(":")
    return _reason(sla.Reason(kind, value, None, names.get(one, {})), language)


def place_names(definition: bpmn.Definition) -> sla.Names:
    """What the elements and stages of a process are called, as conditions name them."""
    names = {
        f"{kind}:{key}": element.names
        for key, element in definition.elements.items()
        for kind in ("left", "entered")
    }
    return {**names, **{f"stage:{one.key}": one.names for one in definition.stages}}


def priority(one: str, language: str) -> str:
    """A priority, or one more than it is."""
    if one == sla.ONE_MORE:
        return say("one_more", language)
    return PRIORITIES.get(one, {}).get(language, one)


def addressees(to: Sequence[str], names: sla.Names, language: str) -> str:
    """Whom an action is about."""
    return say("listing", language).join(_addressee(one, names, language) for one in to)


def paused_for(story: Story, language: str) -> str:
    """Why the clock stands now; empty while it does not."""
    found = []
    for one in story.waits_for:
        kind, _, value = one.partition(":")
        found.append(sla.Reason(kind, value, None, story.names_of.get(one, {})))
    return reasons(found, language)


def versioned(one: sla.Reason, language: str) -> str:
    """A calendar or a policy by its name and version."""
    name = pick_text(one.names, language) or one.value
    if one.version is None:
        return say("plain", language, name=name)
    return say("versioned", language, name=name, version=one.version)


def entry(story: Story, told: sla.Told, language: str, moment: Moment) -> str:
    """One entry of the ledger in words."""
    by = [one for one in told.reasons if one.kind not in sla.FACTS and one.kind != "policy"]
    because = reasons(by, language)
    because = say("because", language, why=because) if because else ""
    counted = _counted(story, told, language, moment)
    if told.kind == "started":
        reason = reasons(told.reasons, language)
        return say(
            "started", language, target=_time(told.target, story, language, told.calendar),
            calendar=versioned(told.calendar, language),
            why=say("started_why", language, why=reason) if reason else "",
        ) + (" " + _due(told, language, moment) if told.due_at else "")  # fmt: skip
    if told.kind == "retargeted":
        changes = _changes(story, told, language)
        return say("retargeted", language, changes=changes, counted=counted)
    policy = next((one for one in told.reasons if one.kind == "policy"), None)
    if policy is not None and told.kind in _BY_POLICY:
        named = versioned(policy, language)
        return say(_BY_POLICY[told.kind], language, policy=named, counted=counted)
    if told.kind in ("paused", "reopened", "dropped"):
        return say(_ENTRIES[told.kind], language, why=reasons(by, language), counted=counted)
    return say(told.kind, language, why=because, counted=counted)


_BY_POLICY: Mapping[str, str] = {"dropped": "dropped_by", "reopened": "taken_up"}
"""What a new version of a policy does to a clock."""
_ENTRIES = {"paused": "paused", "reopened": "reopened_entry", "dropped": "dropped_entry"}


def _due(told: sla.Told, language: str, moment: Moment) -> str:
    text = say("is_due", language, moment=moment(told.due_at)) if told.due_at else ""
    return f"{text[:1].upper()}{text[1:]}."


def _changes(story: Story, told: sla.Told, language: str) -> str:
    changes = []
    if told.before is not None:
        at = story.told.index(told)
        before = _time(told.before, story, language, story.told[at - 1].calendar)
        target = _time(told.target, story, language, told.calendar)
        changes.append(say("new_target", language, target=target, before=before))
    if told.recalendared:
        by = versioned(told.calendar, language)
        changes.append(say("new_calendar", language, calendar=by))
    reason = reasons(told.reasons, language)
    return say("listing", language).join([*changes, *([reason] if reason else [])])


def _counted(story: Story, told: sla.Told, language: str, moment: Moment) -> str:
    text = say("counted", language, time=_time(told.counted, story, language, told.calendar))
    if not told.counted:
        text = say("nothing", language)
    if told.kind not in ("stopped", "dropped") and told.due_at is not None:
        return text + say("due", language, moment=moment(told.due_at))
    return text + say("stop", language)


def _time(
    length: timedelta, story: Story, language: str, calendar: sla.Reason | None = None
) -> str:
    """A length in the days of the calendar by which it counts: a working day is eight hours, a
    day of one that never closes is a whole one."""
    always = story.is_always(calendar) if calendar else story.always
    return format_exact(length, language, always=always)


def stands(story: Story, language: str, moment: Moment) -> str:
    """How the promise stands now, in one sentence without its name."""
    parts = [STATES[story.state][language]]
    if story.stopped_at is not None:
        key = "ended" if story.state == "dropped" else "done"
        parts.append(say(key, language, moment=moment(story.stopped_at)))
    else:
        waits = paused_for(story, language)
        parts += [waits] if waits else []
        parts.append(_left(story, language))
    if story.state == "uncountable":
        parts.append(say("never_holds", language, time=_time(story.remaining, story, language)))
    if story.due_at is not None:
        past = story.is_over or story.state == "broken"
        key = "was_due" if past else "is_due"
        parts.append(say(key, language, moment=moment(story.due_at)))
    return say("listing", language).join(parts)


def _left(story: Story, language: str) -> str:
    time = _time(story.remaining, story, language)
    if story.state != "broken":
        return say("left_over", language, time=time)
    if story.remaining >= timedelta(0):
        return say("late_outside", language)
    return say("late", language, time=time)


def title(story: Story, language: str) -> str:
    """What is promised, with the round of a promise that repeats."""
    name = pick_text(story.names, language) or story.metric
    return say("round", language, name=name, cycle=story.cycle) if story.cycle > 1 else name


def step(one: Step, language: str, moment: Moment) -> str:
    """A step of the ladder: done, or when it comes."""
    name = pick_text(one.names, language) or one.key
    if one.done_at is not None:
        return say("step_done", language, step=name, moment=moment(one.done_at))
    return say("step_next", language, step=name, moment=moment(one.at))


def actions(one: Step, language: str) -> list[str]:
    """What a step did, or is going to do."""
    if one.done_at is None:
        return [_action(each.kind, each.to, one.names_of, language) for each in one.plans]
    return [_did(each, one.names_of, language) for each in one.did]


def _did(told: Mapping[str, Any], names: sla.Names, language: str) -> str:
    kind = "unheard" if told.get("heard") is False else str(told.get("action"))
    text = _action(kind, told.get("to", ()), names, language)
    people = [pick_text(names, language) for names in told.get("people", ())]
    text = f"{text} ({say('listing', language).join(people)})" if people else text
    if told.get("failed"):
        return f"{text}: {say('failed', language, why=pick_text(told['failed'], language))}"
    return text


def _action(kind: str, to: Sequence[str], names: sla.Names, language: str) -> str:
    key = "send_message" if kind == "message" else kind
    if key not in TEXTS:
        return kind
    return say(key, language, to=addressees(to, names, language))


def _addressee(one: str, names: sla.Names, language: str) -> str:
    """The words for whom an action is about: a group by its name."""
    if one in TEXTS:
        return TEXTS[one][language]
    return pick_text(names.get(one), language) or one.partition(":")[2] or one
