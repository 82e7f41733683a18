"""Files that want to do harm, or are merely odd."""

from __future__ import annotations

import time

import pytest

import bpmn
from tests.bpmn.build import end, flows, gateway, node, process, script, start, sub, user
from tests.bpmn.story import Story

OK = process(start(), user("a"), end(), flows("start > a > end"))


def refused(source: bytes) -> str:
    """The first rule that refuses the file."""
    return all_refused(source)[0]


def all_refused(source: bytes) -> list[str]:
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    return [one.rule for one in caught.value.findings if one.severity == "error"]


def test_a_document_type_is_refused() -> None:
    doctype = b'<!DOCTYPE x [<!ENTITY e "boom">]>\n<bpmn:definitions'
    assert refused(OK.replace(b"<bpmn:definitions", doctype, 1)) == "xml.dtd"


@pytest.mark.parametrize("source", [b"", b"x", b"<a>", b"\x00" * 50, OK[:-30], b"{}"])
def test_no_xml(source: bytes) -> None:
    assert refused(source).startswith("xml.")


def test_other_xml() -> None:
    assert refused(b"<html/>") == "file.not-bpmn"


def test_no_or_several_executable_processes() -> None:
    assert refused(OK.replace(b'"true"', b'"false"')) == "process.none"
    assert refused(OK[: OK.index(b"<bpmn:process")] + b"</bpmn:definitions>") == "process.none"
    twice = OK.replace(
        b"</bpmn:definitions>",
        b'<bpmn:process id="q" isExecutable="true"/></bpmn:definitions>',
    )
    assert refused(twice) == "process.several"


def test_an_only_process_that_does_not_say_is_taken_as_executable() -> None:
    definition = bpmn.parse(OK.replace(b'isExecutable="true"', b""))
    assert "process.unsaid" in {warning.rule for warning in definition.warnings}


def test_a_black_box_pool_beside_the_process_is_no_matter() -> None:
    pool = (
        b'<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="p"/>'
        b'<bpmn:participant id="p2" name="Customer"/></bpmn:collaboration></bpmn:definitions>'
    )
    assert bpmn.parse(OK.replace(b"</bpmn:definitions>", pool)).key == "p"


def test_ids_must_be_there_and_be_alone_of_their_name() -> None:
    line = flows("start > a > end")
    assert all_refused(process(start(), user("a"), user("a"), end(), line)) == ["id.duplicate"]
    inner = sub("p", start("s"), end("e"), flows("s > e"))
    taken = process(start(), inner, end(), flows("start > p > end"))
    assert all_refused(taken) == ["id.duplicate"]
    assert "id.missing" in all_refused(OK.replace(b' id="a"', b""))
    assert all_refused(OK.replace(b'"a"', b'"a#turn"')) == ["id.odd"]


def test_a_doubtful_id_hides_nothing_else() -> None:
    source = process(
        start(), user("a"), node("serviceTask", "a"), end(), flows("start > a > end", "a > gone")
    )
    assert all_refused(source) == ["id.duplicate", "task.job-type", "flow.dangling"]


def test_persian_ids_and_names() -> None:
    source = process(
        start("آغاز"), user("بررسی_شکایت", name="بررسی شکایت"), end("پایان"),
        flows("آغاز > بررسی_شکایت > پایان"), key="شکایت",
    )  # fmt: skip
    story = Story(source, {"موضوع": "دیرکرد"})
    assert story.tasks == ["بررسی_شکایت"]
    assert story.task("بررسی_شکایت").names == {"fa": "بررسی شکایت", "en": "بررسی شکایت"}
    story.complete("بررسی_شکایت", نتیجه="درست")
    assert story.is_over


def test_a_long_chain_is_read_and_run() -> None:
    names = [f"s{n}" for n in range(900)]
    source = process(
        start(), *(script(name, "=n + 1", "n") for name in names), end(),
        flows(" > ".join(["start", *names, "end"])),
    )  # fmt: skip
    assert Story(source, {"n": 0}).outcome.variables == {"n": 900}


def test_too_many_elements_are_refused_politely() -> None:
    names = [f"s{n}" for n in range(2_001)]
    source = process(
        start(), *(script(name, "=1", "n") for name in names), end(),
        flows(" > ".join(["start", *names, "end"])),
    )  # fmt: skip
    assert refused(source) == "file.too-many"


def test_too_many_flows_are_refused_at_once() -> None:
    lines = (f'<bpmn:sequenceFlow id="f{n}" sourceRef="x" targetRef="y"/>' for n in range(15_000))
    source = process(start(), user("a"), end(), flows("start > a > end"), "\n".join(lines))
    begun = time.process_time()
    assert refused(source) == "file.too-many-flows"
    assert time.process_time() - begun < 3


def test_flows_beside_one_another_into_a_join_cost_little() -> None:
    names = [f"s{n}" for n in range(1_500)]
    lines = (f'<bpmn:sequenceFlow id="f{n}" sourceRef="s9" targetRef="j"/>' for n in range(2_000))
    source = process(
        start(), *(script(name, "=1", "n") for name in names), gateway("parallel", "j"), end(),
        flows(" > ".join(["start", *names, "j", "end"])), *lines,
    )  # fmt: skip
    begun = time.process_time()
    bpmn.parse(source)
    assert time.process_time() - begun < 5


def test_a_wide_split_is_read_and_run() -> None:
    names = [f"u{n}" for n in range(200)]
    source = process(
        start(), gateway("parallel", "g"), gateway("parallel", "j"), end(),
        *(user(name) for name in names),
        flows("start > g", "j > end", *(f"g > {name} > j" for name in names)),
    )  # fmt: skip
    story = Story(source)
    assert len(story.outcome.user_tasks) == 200


def test_python_in_an_expression_is_only_text() -> None:
    code = "=().__class__.__bases__[0].__subclasses__()"
    source = process(start(), script("s", code, "r"), end(), flows("start > s > end"))
    assert refused(source) == "feel.syntax"
    code = '=__import__("os").system("touch /tmp/x")'
    source = process(start(), script("s", code, "r"), end(), flows("start > s > end"))
    assert refused(source) == "feel.function"
