"""FEEL, the expression language of the diagrams and tables, in pure Python (DMN 1.5, chapter 10).

``evaluate`` takes Python's plain values and gives a FEEL value: ``Decimal``, ``str``, ``bool``,
None, lists, dicts and the date, time and duration types of this package. ``examine`` gives the
warnings too. Where an operation is not defined FEEL gives null, and a warning says why;
``Result.require`` turns warnings into an error for callers who cannot live with a null.

Where the standard leaves room, this is what holds here:

- Words side by side are one name, even when nobody announced it; a keyword in capitals is not
  taken into a name, and the text is refused. A name with signs in it must be known.
- ``a-b`` is the name if it is known, ``a - b`` always the subtraction.
- Values of different kinds are never equal: ``1 = [1]`` is null with a warning. A list of one
  is taken as its item, and an item as a list of one, only as arguments and declared results.
- ``null[…]`` is an empty list, ``x[…]`` of another single value treats it as a list of one.
- A range with a null end holds nothing that could be told: ``5 in [1..null]`` is null.
- A unary test gives true or false, never null; what cannot be compared does not pass.
- A boolean operand that is none counts as null in ``and`` and ``or``; ``if`` then goes on to
  ``else``.
- Times and moments are compared to the millisecond, as the TCK has it; ``is`` compares exactly.
- Patterns follow XPath; one with a back reference may take so many steps and no more.
- External functions (Java, PMML) are never run.
- ``now()`` and ``today()`` are null unless the caller gives ``now``.
"""

from __future__ import annotations

from bpmn.feel.errors import (
    FeelError,
    FeelLimitError,
    FeelSyntaxError,
    FeelValueError,
    FeelWarning,
)
from bpmn.feel.expression import (
    Expression,
    Result,
    compile,  # noqa: A004 - the name that the room promises.
    compile_unary_tests,
    evaluate,
    examine,
    unary_test,
)
from bpmn.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from bpmn.feel.values import Function, Range, from_json, text, to_json, to_python

__all__ = [
    "Date", "DateTime", "DaysDuration", "Expression", "FeelError", "FeelLimitError",
    "FeelSyntaxError", "FeelValueError", "FeelWarning", "Function", "MonthsDuration", "Range",
    "Result", "Time", "compile", "compile_unary_tests", "evaluate", "examine", "from_json",
    "text", "to_json", "to_python", "unary_test",
]  # fmt: skip
