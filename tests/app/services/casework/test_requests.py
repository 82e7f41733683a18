"""Submitting, finding and following requests; customers found again."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, UnsupportedFile
from app.models import Attachment, Party, ServiceRequest
from app.services.casework import attachments, customers, requests
from app.services.sending import customer_ways
from tests.app.services.story import COMPLAINT, MARYAM, actor, submit
from tests.support.clock import MovingClock


def wrong_fields(clock: MovingClock, **changes: object) -> set[str]:
    with pytest.raises(Invalid) as wrong:
        submit(clock(), **changes)
    return set(wrong.value.errors)


def test_every_wrong_field_is_named_at_once(session: Session, clock: MovingClock) -> None:
    fields = wrong_fields(
        clock,
        subject="  ",
        description="x" * 30_000,
        customer=customers.Contact("", "12", "no-mail"),
        data={"about": "nonsense", "surprise": 1},
    )
    assert fields == {
        "subject",
        "description",
        "customer.name",
        "customer.phone",
        "customer.email",
        "data.about",
        "data.surprise",
    }
    assert session.scalar(select(func.count(ServiceRequest.id))) == 0
    assert session.scalar(select(func.count(Party.id))) == 0


def test_a_way_to_answer_is_needed(session: Session, clock: MovingClock) -> None:
    assert wrong_fields(clock, customer=customers.Contact("مریم")) == {"customer.phone"}


def test_an_unknown_service_is_named(session: Session, clock: MovingClock) -> None:
    assert wrong_fields(clock, service="nothing") == {"service"}


@pytest.mark.parametrize(
    "phone", ["09120000042", "۰۹۱۲۰۰۰۰۰۴۲", "+98 912 000 0042", "0098-912-000-0042", "٩١٢٠٠٠٠٠٤٢"]
)
def test_a_customer_is_found_again_however_the_phone_is_written(
    session: Session, clock: MovingClock, phone: str
) -> None:
    first = submit(clock())
    again = submit(clock(), customer=customers.Contact("مريم رضایی", phone))
    assert again.customer_id == first.customer_id


def test_the_same_phone_under_another_name_is_another_person(
    session: Session, clock: MovingClock
) -> None:
    first = submit(clock())
    other = submit(clock(), customer=customers.Contact("علی رضایی", MARYAM.phone))
    assert other.customer_id != first.customer_id


@pytest.mark.parametrize(
    "email",
    [
        "a@b..com", "a@-x.com", "a@x-.com", "a..b@c.com", ".a@b.com", "a.@b.com", "a@b",
        "a@b_c.com", "a b@c.com",
        "a@b@c.com", "@b.com", "a@", "<a@b.com>", "a@b.com\nBcc: c@d.com", "é@b.com",
    ],
)  # fmt: skip
def test_an_address_that_no_letter_reaches_is_refused(
    session: Session, clock: MovingClock, email: str
) -> None:
    assert wrong_fields(clock, customer=customers.Contact("مریم", None, email)) == {
        "customer.email"
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Maryam.R+1@Example.COM ", "maryam.r+1@example.com"),
        ("ali@مثال.ایران", "ali@مثال.ایران"),
    ],
)
def test_an_address_is_kept_as_it_is_read(typed: str, kept: str) -> None:
    assert customers.normalise_email(typed) == kept


STRANGER = customers.Contact(MARYAM.name, MARYAM.phone, "stranger@example.net")


def test_a_stranger_with_her_name_and_phone_changes_nothing_of_hers(
    session: Session, clock: MovingClock
) -> None:
    """Given a customer's request, when somebody submits in her name and phone with a mail
    address of their own, then her record and the letters about her request stay hers."""
    hers = submit(clock())
    theirs = submit(clock(), customer=STRANGER)
    assert theirs.customer_id == hers.customer_id
    assert [point.value for point in hers.customer.contact_points] == [
        "+989120000042", "maryam@example.com",
    ]  # fmt: skip
    sent = customer_ways.prepare_reply(hers, "We are on it.", clock())
    assert sent is not None
    assert sent.recipient == "maryam@example.com"
    other = customer_ways.prepare_reply(theirs, "We are on it.", clock())
    assert other is not None
    assert other.recipient == "stranger@example.net"


def test_a_request_without_an_address_takes_none_from_the_record(
    session: Session, clock: MovingClock
) -> None:
    submit(clock())
    by_phone = submit(clock(), customer=customers.Contact(MARYAM.name, MARYAM.phone))
    assert by_phone.contact == customers.Contact(MARYAM.name, "+989120000042", None)
    assert customer_ways.prepare_reply(by_phone, "We call you.", clock()) is None
    assert requests.variables_of(by_phone)["request"]["customer"]["email"] is None


def test_what_staff_are_told_is_added_to_the_record(session: Session, clock: MovingClock) -> None:
    first = submit(clock())
    told = requests.Submission("complaint", "A", "B", STRANGER, COMPLAINT)
    requests.submit(told, actor("narges"), clock(), channel="phone", language="fa")
    assert "stranger@example.net" in [point.value for point in first.customer.contact_points]


def test_the_tracking_code_opens_it_however_it_is_typed(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    plain = request.tracking_code.replace("-", "").lower()
    assert requests.track(plain).id == request.id
    assert requests.track(f" {request.tracking_code} ").id == request.id
    for wrong in ("", request.number, plain[:-1], "x" * 500, "۱۲۳"):
        with pytest.raises(NotFound):
            requests.track(wrong)


def test_tracking_codes_do_not_repeat() -> None:
    codes = {requests.new_tracking_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(requests.tidy_code(code) == code for code in codes)


def test_a_program_sees_only_what_it_submitted(session: Session, clock: MovingClock) -> None:
    theirs = submit(clock())
    with pytest.raises(NotFound):
        requests.find(theirs.number, actor("partner"))
    submission = requests.Submission("complaint", "A", "B", MARYAM, COMPLAINT)
    own = requests.submit(submission, actor("partner"), clock(), channel="api", language="en")
    assert requests.find(own.number.lower(), actor("partner")).id == own.id
    listed, _ = requests.list_page(actor("partner"))
    assert [row.number for row in listed] == [own.number]


def test_pages_follow_each_other_without_gap_or_overlap(
    session: Session, clock: MovingClock
) -> None:
    numbers = [submit(clock()).number for _ in range(7)]
    seen, after = [], None
    while True:
        rows, after = requests.list_page(actor("sara"), after=after, limit=3)
        seen += [row.number for row in rows]
        if after is None:
            break
    assert seen == numbers[::-1]


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def test_files_are_judged_by_their_content(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    uploads = [attachments.Upload("..\\..\\evil\u202egnp.exe", PNG)]
    (row,) = attachments.attach(request, uploads, actor("sara"), clock())
    assert row.media_type == "image/png"
    assert row.name == "evilgnp.exe.png"
    for content in (b"MZ\x90\x00", b"", b"<html>\x00", b"PK\x03\x04broken"):
        with pytest.raises(UnsupportedFile):
            attachments.attach(
                request, [attachments.Upload("a.png", content)], actor("sara"), clock()
            )
    assert session.scalar(select(func.count(Attachment.id))) == 1


def test_a_file_opens_only_with_its_own_request(session: Session, clock: MovingClock) -> None:
    one, other = submit(clock()), submit(clock())
    (row,) = attachments.attach(one, [attachments.Upload("عکس.png", PNG)], actor("sara"), clock())
    assert attachments.open_file(one, row.id).content == PNG
    with pytest.raises(NotFound):
        attachments.open_file(other, row.id)
