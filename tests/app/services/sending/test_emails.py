"""What a service task of the type ``email`` must be given, with a channel of mail or without."""

from __future__ import annotations

from typing import Any

import pytest

from app.services import job_types
from app.services.sending import emails

WHOLE: dict[str, Any] = {"to": "a@example.org", "subject": "Here", "body": "It is here."}


@pytest.mark.parametrize("name", ["subject", "body"])
@pytest.mark.parametrize("change", ["absent", "null"])
def test_what_is_missing_is_refused_by_its_name(name: str, change: str) -> None:
    given = {**WHOLE, name: None}
    if change == "absent":
        del given[name]
    with pytest.raises(job_types.Refused) as refused:
        emails.read(given)
    assert (refused.value.code, refused.value.en) == (
        "input", f"The input “{name}” of the task is missing.",
    )  # fmt: skip


def test_the_subject_is_one_line_and_keeps_its_blanks() -> None:
    said = emails.read({**WHOLE, "subject": " قبض  «مهر»\r\nBcc: x "})
    assert said.message.subject == "قبض  «مهر» Bcc: x"
