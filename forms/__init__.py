"""Forms: a form-js file becomes checks and HTML, in Persian and English.

The format is described in ``docs/forms.md``.
"""

from forms.conditions import expressions, find_hidden
from forms.display import describe, tell_answer
from forms.hiding import find_hidden_parts
from forms.markup import mark_up
from forms.model import (
    Evaluate,
    Field,
    Finding,
    Form,
    FormRefused,
    Group,
    Judge,
    Names,
    Objection,
    Option,
    Page,
    Static,
    say,
)
from forms.reader import load
from forms.rendering import input_id, render
from forms.rules import RULES, WARNINGS
from forms.shipped import shipped
from forms.steps import carry, summarise
from forms.validation import gather, schema, validate

__all__ = [
    "RULES",
    "WARNINGS",
    "Evaluate",
    "Field",
    "Finding",
    "Form",
    "FormRefused",
    "Group",
    "Judge",
    "Names",
    "Objection",
    "Option",
    "Page",
    "Static",
    "carry",
    "describe",
    "expressions",
    "find_hidden",
    "find_hidden_parts",
    "gather",
    "input_id",
    "load",
    "mark_up",
    "render",
    "say",
    "schema",
    "shipped",
    "summarise",
    "tell_answer",
    "validate",
]
