"""From the bytes of a ``.test.json`` to a ``CaseFile``, or every reason why it is none."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import Any

from marshmallow import ValidationError

from bpmn.cases.model import BadCase, CaseFile, Start
from bpmn.cases.partner_shapes import ANSWERED
from bpmn.cases.shapes import CaseFileShape
from bpmn.errors import BpmnError

MAX_BYTES = 2_000_000

Place = tuple[str | int, ...]
"""Names of fields and numbers of items, from the outside in."""


class BadCases(BpmnError):
    """The file of test cases cannot be used as a whole; ``problems`` name case and field."""

    def __init__(self, problems: list[str], filename: str = "") -> None:
        self.problems = tuple(f"{filename}: {problem}" for problem in problems)
        super().__init__("\n".join(self.problems))


def read_cases(source: bytes, filename: str = "") -> CaseFile:
    """The cases of a file; raises ``BadCases`` with all that is wrong with it as a whole.

    What is wrong in single cases stands in ``bad``: the others can be run.
    """
    said = _read_json(source, filename)
    try:
        file = _load(said, filename)
    except ValidationError as error:
        wrong = _wrong_cases(error.messages)
        if wrong is None:
            raise BadCases(list(_told(error.messages, said)), filename) from error
        bad = tuple(BadCase(_named(said, at), tuple(_told(wrong[at], said))) for at in wrong)
        file = replace(_load(_without(said, wrong), filename), bad=bad)
    problems = list(_odd(file))
    if problems:
        raise BadCases(problems, filename)
    return _parted(file)


def _load(said: Any, filename: str) -> CaseFile:
    shape = CaseFileShape()
    shape.context_name = filename
    file: CaseFile = shape.load(said)
    return file


def _wrong_cases(messages: Any) -> Mapping[int, Any] | None:
    """What is wrong by the numbers of the cases; None when more is wrong than single cases."""
    found = messages.get("cases") if isinstance(messages, Mapping) and len(messages) == 1 else None
    if not isinstance(found, Mapping) or not all(isinstance(at, int) for at in found):
        return None
    return found


def _without(said: Mapping[str, Any], wrong: Container[int]) -> Mapping[str, Any]:
    kept = [case for at, case in enumerate(said["cases"]) if at not in wrong]
    return {**said, "cases": kept}


def _named(said: Any, number: int) -> str:
    """The name of a case that cannot be read, or which one it is."""
    name = said["cases"][number].get("name") if isinstance(said["cases"][number], Mapping) else None
    return name if isinstance(name, str) and name else f"case {number + 1}"


def _parted(file: CaseFile) -> CaseFile:
    """The file with those cases taken for bad that begin in several ways."""
    torn = [case for case in file.cases if _ways(case.start) > 1]
    if not torn:
        return file
    bad = (BadCase(case.name, (_TORN,)) for case in torn)
    kept = tuple(case for case in file.cases if case not in torn)
    return replace(file, cases=kept, bad=(*file.bad, *bad))


_TORN = "start: by one of message, signal and at."


def _ways(start: Start) -> int:
    return sum(map(bool, (start.message, start.signal, start.at)))


def _read_json(source: bytes, filename: str) -> Any:
    if len(source) > MAX_BYTES:
        raise BadCases([f"it is larger than {MAX_BYTES // 1_000_000} MB."], filename)
    try:
        said = json.loads(source.decode("utf-8-sig"), object_pairs_hook=_once,
                          parse_constant=_refuse)  # fmt: skip
        json.dumps(said, ensure_ascii=False).encode()
        return said
    except UnicodeEncodeError as error:
        raise BadCases(["a text in it holds half a character."], filename) from error
    except RecursionError as error:
        raise BadCases(["it is nested too deeply."], filename) from error
    except ValueError as error:
        raise BadCases([f"it is not JSON: {error}"], filename) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that comes twice would hide what stands under the first."""
    said = dict(pairs)
    if len(said) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key “{twice}” stands twice in one object.")
    return said


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number.")


def _odd(file: CaseFile) -> Iterator[str]:
    """What single fields cannot tell."""
    names = [*(case.name for case in file.cases), *(case.name for case in file.bad)]
    yield from (f"two cases are named “{n}”." for n in dict.fromkeys(names) if names.count(n) > 1)
    if file.refused and (file.cases or file.bad):
        yield "a diagram that is refused has no cases."
    if not (file.refused or file.cases or file.bad):
        yield "there is no case in it."
    yield from _unheard({name for case in file.cases for name in case.replies}, {*file.partners})


def _unheard(replies: set[str], partners: set[str]) -> Iterator[str]:
    """Answers that no fake would give, since it is not there."""
    if replies and not {*ANSWERED} & partners:
        yield f"replies: partners names none of {', '.join(ANSWERED)}, so nobody would give them."
    elif lacking := sorted(({*ANSWERED} & replies) - partners):
        yield f"replies.{lacking[0]}: partners does not name {lacking[0]}, so nobody would give it."


def _told(messages: Any, said: Any, where: Place = ()) -> Iterator[str]:
    """Every message with the case and the field it is about."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _told(inner, said, where if key == "_schema" else (*where, key))
    elif isinstance(messages, list):
        for message in messages:
            yield from _told(message, said, where)
    else:
        yield f"{_place(where, said)}{messages}"


def _place(where: Place, said: Any) -> str:
    """``case “name”: steps[2].data: ``; steps are counted from one."""
    words, rest = "", list(where)
    if rest[:1] == ["cases"] and len(rest) > 1 and isinstance(rest[1], int):
        words, rest = f"case {_case_name(said, rest[1])}: ", rest[2:]
    field = ""
    for part in rest:
        field += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if field else part
    return f"{words}{field}: " if field else words


def _case_name(said: Any, number: int) -> str:
    try:
        return f"“{said['cases'][number]['name']}”"
    except (KeyError, TypeError, IndexError):
        return f"{number + 1}"
