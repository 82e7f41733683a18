"""The forms that come with the product."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from forms.model import Form
from forms.reader import load


@cache
def shipped() -> Mapping[str, Form]:
    """Every form in ``forms/schemas``, by its key (the file's name without ``.form``)."""
    found = sorted(files("forms").joinpath("schemas").iterdir(), key=lambda one: one.name)
    named = {one.name.removesuffix(".form"): one for one in found if one.name.endswith(".form")}
    return MappingProxyType({key: load(one.read_bytes(), key) for key, one in named.items()})
