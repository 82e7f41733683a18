"""Files of the catalogue: read wholly, or refused with file, key and both languages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import sla
from app.cli.commands import main
from app.services.casework import catalogue, catalogue_files
from app.services.casework.catalogue_model import Audience, Price

LEAST = """
key = "laptop"
kind = "request"
process = "service-request"
form = "request-laptop"
policy = "service-request"
names = {fa = "لپ‌تاپ", en = "Laptop"}
descriptions = {fa = "یک لپ‌تاپ", en = "A laptop"}
promise = {fa = "تا سه روز", en = "Within three days"}
"""
WHOLE = (
    LEAST
    + """
icon = "i-star"
category = "equipment"
audience = ["staff", "contract", "tier:gold"]
approval = "costly"
expected = "P3D"
keywords = {fa = "رایانه", en = "computer"}
price = {amount = 450000000, currency = "IRR", unit = {fa = "هر دستگاه", en = "each"}}

[[plan]]
key = "buy"
group = "purchasing"
sla = "P2D"
names = {fa = "خرید", en = "Buy it"}
undo = {fa = "پس دادن", en = "Give it back"}
"""
)


def load(source: str) -> Any:
    return catalogue_files.load_service(source.encode(), "laptop.toml")


def test_what_is_left_out_means_everyone_without_price_or_approval() -> None:
    service = load(LEAST)
    assert service.audience == Audience()
    assert (service.price, service.approval, service.plan) == (None, "none", ())
    assert (service.expected, service.category, service.icon) == (None, "other", "i-flag")


def test_a_whole_file_is_read() -> None:
    service = load(WHOLE)
    assert service.audience == Audience(False, True, True, frozenset({"gold"}))
    assert service.price == Price(450000000, "IRR", {"fa": "هر دستگاه", "en": "each"})
    assert service.expected == timedelta(days=1)
    assert service.plan[0].group == "purchasing"
    assert service.plan[0].promise == timedelta(hours=16)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('key = "laptop"', 'key = "phone"', "key"),
        ('key = "laptop"', 'key = "../x"', "key"),
        ('kind = "request"', 'kind = "wish"', "kind"),
        ('kind = "request"', "", "kind"),
        ('process = "service-request"', "process = 7", "process"),
        ('form = "request-laptop"', 'form = "../../etc/passwd"', "form"),
        ('icon = "i-star"', 'icon = "<script>"', "icon"),
        ('names = {fa = "لپ‌تاپ", en = "Laptop"}', 'names = {fa = "لپ‌تاپ"}', "names.en"),
        ('en = "A laptop"', 'en = " "', "descriptions.en"),
        ('en = "A laptop"', f'en = "{"x" * 2001}"', "descriptions.en"),
        ('en = "A laptop"}', 'en = "A laptop", de = "x"}', "descriptions.de"),
        ('"tier:gold"', '"tier:Gold!"', "audience"),
        ('"tier:gold"', '"nobody"', "audience"),
        ('["staff", "contract", "tier:gold"]', "[]", "audience"),
        ('["staff", "contract", "tier:gold"]', "[1]", "audience"),
        ("amount = 450000000", "amount = -1", "price.amount"),
        ("amount = 450000000", "amount = 1.5", "price.amount"),
        ("amount = 450000000", "amount = true", "price.amount"),
        ('currency = "IRR"', 'currency = "rial"', "price.currency"),
        ('currency = "IRR"', 'currency = "IRR", tax = 9', "price.tax"),
        ('expected = "P3D"', 'expected = "3 days"', "expected"),
        ('approval = "costly"', "approval = []", "approval"),
        ('sla = "P2D"', 'sla = "P2M"', "plan.1.sla"),
        ('sla = "P2D"', "", "plan.1.sla"),
        ('undo = {fa = "پس دادن", en = "Give it back"}', "", "plan.1.undo"),
        ('group = "purchasing"', 'group = "x y"', "plan.1.group"),
        ("[[plan]]", "[plan]", "plan"),
        ('icon = "i-star"', 'icon = "i-star"\nprise = 4', "prise"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(before: str, after: str, key: str) -> None:
    assert before in WHOLE
    with pytest.raises(sla.SettingsRefused) as refused:
        load(WHOLE.replace(before, after))
    assert (refused.value.file, refused.value.key) == ("laptop.toml", key)
    assert all(refused.value.messages[language] for language in ("fa", "en"))


def test_a_plan_names_each_task_once_and_has_an_end() -> None:
    task = WHOLE[WHOLE.index("[[plan]]") :]
    with pytest.raises(sla.SettingsRefused, match="buy is taken"):
        load(WHOLE + task)
    with pytest.raises(sla.SettingsRefused, match="more than 20 tasks"):
        load(WHOLE + task * 20)


@pytest.mark.parametrize(
    "source", [b"\xff\xfe", b"key = ", b"x" * 200_001, b"a=" + b"[" * 90_000], ids=range(4)
)
def test_what_is_no_toml_is_refused_as_a_file(source: bytes) -> None:
    with pytest.raises(sla.SettingsRefused) as refused:
        catalogue_files.load_service(source, "laptop.toml")
    assert refused.value.key == ""


def test_every_shipped_service_stands_under_a_heading() -> None:
    named = {one.category for one in catalogue.services().values()}
    assert named <= set(catalogue.categories())
    grouped = catalogue.by_category(catalogue.services().values())
    assert sum(len(items) for _, items in grouped) == len(catalogue.services())


def test_the_command_names_file_and_key_in_the_wanted_language(tmp_path: Path) -> None:
    right, wrong = tmp_path / "laptop.toml", tmp_path / "phone.toml"
    right.write_text(WHOLE, encoding="utf-8")
    wrong.write_text(LEAST, encoding="utf-8")
    told = CliRunner().invoke(main, ["catalogue", str(right), str(wrong), "--language", "fa"])
    assert told.exit_code == 1
    assert f"{right}: درست است" in told.output
    assert f"{wrong}: key: باید نام فایل باشد، phone" in told.output
    assert CliRunner().invoke(main, ["catalogue", str(right)]).exit_code == 0
