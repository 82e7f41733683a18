"""FEEL, the expression language of the diagrams and tables, in pure Python (DMN 1.5, chapter 10).

``evaluate`` takes Python's plain values and gives a FEEL value: ``Decimal``, ``str``, ``bool``,
None, lists, dicts and the date, time and duration types of this package. ``examine`` gives the
warnings too. Where an operation is not defined FEEL gives null, and a warning says why;
``Result.require`` turns warnings into an error for callers who cannot live with a null.
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
from bpmn.feel.values import Function, Range, from_json, to_json, to_python

__all__ = [
    "Date", "DateTime", "DaysDuration", "Expression", "FeelError", "FeelLimitError",
    "FeelSyntaxError", "FeelValueError", "FeelWarning", "Function", "MonthsDuration", "Range",
    "Result", "Time", "compile", "compile_unary_tests", "evaluate", "examine", "from_json",
    "to_json", "to_python", "unary_test",
]  # fmt: skip
