"""Rules: the most specific one wins, whatever their order in the file, and says why."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import FACTS, PRIORITIES, Rule, SettingsRefused, load_policy
from sla.rules import choose

HOUR = timedelta(hours=1)
TOP = """
key = "calls"
calendar = "iran"
names = {fa = "تماس", en = "Calls"}
[metrics.m]
start = "submitted"
stop = "closed"
names = {fa = "م", en = "M"}
customer_names = {fa = "م", en = "M"}
late = {fa = "م", en = "M"}
"""


def rule(hours: int, calendar: str | None = None, **when: str) -> Rule:
    """A rule that promises so many hours."""
    return Rule(when, hours * HOUR, calendar)


def test_the_rule_that_names_most_facts_wins_and_says_over_which_others() -> None:
    rules = [
        rule(80),
        rule(24, priority="urgent"),
        rule(8, "always", tier="gold", priority="urgent"),
        rule(1, tier="silver", priority="urgent", branch="north"),
    ]
    chosen = choose(rules, {"tier": "gold", "priority": "urgent", "branch": "north"}, "iran")
    assert (chosen.target, chosen.calendar) == (8 * HOUR, "always")
    assert chosen.to_json() == {
        "when": {"tier": "gold", "priority": "urgent"},
        "over": [{"priority": "urgent"}, {}],
        "own_calendar": True,
    }
    assert chosen.reason == "tier:gold,priority:urgent"


def test_between_equally_specific_rules_the_weightier_fact_decides() -> None:
    facts = {"contract": "c", "tier": "t", "branch": "b", "service": "s", "priority": "high"}
    single = [rule(n + 1, **{name: facts[name]}) for n, name in enumerate(FACTS)]
    for left in range(len(FACTS)):
        chosen = choose([rule(99), *single[left:]], facts, "iran")
        assert dict(chosen.rule.when) == {FACTS[left]: facts[FACTS[left]]}
    pair = [rule(99), rule(2, tier="t", branch="b"), rule(1, contract="c", priority="high")]
    assert choose(pair, facts, "iran").target == HOUR


subsets = st.sets(st.sampled_from(FACTS)).map(frozenset)


@given(st.sets(subsets, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_matter(named: set[frozenset[str]], order: object) -> None:
    facts = dict.fromkeys(FACTS, "x") | {"priority": "low"}
    rules = [
        Rule({name: facts[name] for name in sorted(one)}, (n + 1) * HOUR)
        for n, one in enumerate({*named, frozenset()})
    ]
    best = choose(rules, facts, "iran").rule
    shuffled = list(rules)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(shuffled, facts, "iran").rule == best
    assert len(best.when) == max(len(one.when) for one in rules)


def test_a_missing_or_strange_priority_counts_as_normal() -> None:
    rules = [rule(9), rule(5, priority="normal")]
    for facts in ({}, {"priority": None}, {"priority": "strange"}):
        assert choose(rules, facts, "iran").target == 5 * HOUR


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_short_forms_and_rules_make_one_list(order: tuple[int, ...]) -> None:
    written = [
        '[[metrics.m.rules]]\ntier = "gold"\npriority = "urgent"\ntarget = "PT1H"\n'
        'calendar = "always"\n',
        '[[metrics.m.rules]]\nbranch = "north"\ntarget = "P2D"\n',
        '[metrics.m.targets]\nurgent = "PT2H"\nhigh = "PT4H"\nnormal = "P1D"\nlow = "P3D"\n',
    ]
    policy = load_policy((TOP + "".join(written[n] for n in order)).encode(), "calls.toml")
    metric = policy.metrics["m"]

    def hours(**facts: str) -> float:
        return policy.choose(metric, facts).target / HOUR

    assert [hours(priority=one) for one in PRIORITIES] == [2, 4, 8, 24]
    assert hours(priority="urgent", tier="gold") == 1
    assert hours(branch="north", priority="low") == 16
    assert policy.choose(metric, {"tier": "gold", "priority": "urgent"}, 3).reason == (
        "policy:calls@3,tier:gold,priority:urgent"
    )
    assert policy.calendars() == {"iran", "always"}


@pytest.mark.parametrize(
    ("more", "key", "word"),
    [
        ('[[metrics.m.rules]]\ntier = "gold"\ntarget = "PT1H"\n', "metrics.m.target", "missing"),
        ("", "metrics.m.targets", "missing"),
        ('target = "P1D"\nrules = [{target = "P2D"}]\n', "metrics.m.rules", "two"),
        ('target = "P1D"\nrules = [{tier = "a", target = "P2D"}, {tier = "a", target = "P3D"}]\n',
         "metrics.m.rules", "tier a"),
        ('target = "P1D"\nrules = [{tier = 1, target = "P2D"}]\n',
         "metrics.m.rules.1.tier", "text"),
        ('target = "P1D"\nrules = [{colour = "red", target = "P2D"}]\n',
         "metrics.m.rules.1.colour", "known"),
        ('target = "P1D"\nrules = [{priority = "huge", target = "P2D"}]\n',
         "metrics.m.rules.1.priority", "urgent"),
        ('target = "P1D"\nrules = [{tier = "a"}]\n', "metrics.m.rules.1.target", "missing"),
        ('target = "P1D"\nrules = ["gold"]\n', "metrics.m.rules", "tables"),
        ('target = "P1D"\nreopen = "again"\n', "metrics.m.reopen", "continue"),
        ('target = "P1D"\npause = "message:asked"\n', "metrics.m.resume", "ends"),
        ('target = "P1D"\npause = "waits:customer"\nresume = "message:x"\n',
         "metrics.m.resume", "states"),
        ('target = "P1D"\npause = "submitted"\n', "metrics.m.pause", "none of"),
        ('target = "P1D"\nrepeat = "told:partner"\n', "metrics.m.repeat", "told:customer"),
        ('target = "P1D"\nrepeat = "status:lost"\n', "metrics.m.repeat", "status"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_in_both_languages(more: str, key: str, word: str) -> None:
    with pytest.raises(SettingsRefused) as caught:
        load_policy((TOP + more).encode(), "calls.toml")
    assert (caught.value.file, caught.value.key) == ("calls.toml", key)
    assert word in caught.value.messages["en"]
    assert any("\u0600" <= letter <= "\u06ff" for letter in caught.value.messages["fa"])
