"""The forms that come with the product are sound and speak both languages."""

from __future__ import annotations

from forms import render, shipped


def test_every_shipped_form_is_sound_and_bilingual() -> None:
    for key, form in shipped().items():
        assert form.warnings == (), key
        for language in ("fa", "en"):
            assert render(form, {}, {}, language)
