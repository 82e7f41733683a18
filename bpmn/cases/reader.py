"""From the bytes of a ``.test.json`` to a ``CaseFile``, or every reason why it is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from bpmn.cases.model import CaseFile
from bpmn.cases.shapes import CaseFileShape
from bpmn.errors import BpmnError

MAX_BYTES = 2_000_000

Place = tuple[str | int, ...]
"""Names of fields and numbers of items, from the outside in."""


class BadCases(BpmnError):
    """The file of test cases cannot be used; ``problems`` name case and field."""

    def __init__(self, problems: list[str], filename: str = "") -> None:
        self.problems = tuple(f"{filename}: {problem}" for problem in problems)
        super().__init__("\n".join(self.problems))


def read_cases(source: bytes, filename: str = "") -> CaseFile:
    """The cases of a file; raises ``BadCases`` with all that is wrong in it."""
    said = _read_json(source, filename)
    shape = CaseFileShape()
    shape.context_name = filename
    try:
        file: CaseFile = shape.load(said)
    except ValidationError as error:
        raise BadCases(list(_told(error.messages, said)), filename) from error
    problems = list(_odd(file))
    if problems:
        raise BadCases(problems, filename)
    return file


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
    names = [case.name for case in file.cases]
    yield from (f"two cases are named “{n}”." for n in dict.fromkeys(names) if names.count(n) > 1)
    if file.refused and file.cases:
        yield "a diagram that is refused has no cases."
    if not file.refused and not file.cases:
        yield "there is no case in it."
    yield from (
        f"case “{case.name}”: start: by one of message, signal and at."
        for case in file.cases
        if sum(map(bool, (case.start.message, case.start.signal, case.start.at))) > 1
    )


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
