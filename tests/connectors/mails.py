"""Mails that tests make, as bytes on the wire."""

from __future__ import annotations

import random

WORDS = (
    "شکایت شما رسید پیگیری شمارهٔ درخواست می‌شود قول‌ها به دست و در از که، «آب» (فوری) "
    "نتیجه‌گیری ۱۴۰۵/۰۹/۰۱ R-1405-00012 =?utf-8?q? 50% e-mail: پاسخ؛ مسئولیت‌پذیری 🙂 کارشناسی"
).split()


def random_words(draw: random.Random, most: int) -> str:
    """Some Persian words with one blank or two between them."""
    blanks = [" ", " ", " ", "  "]
    words = [draw.choice(WORDS) + draw.choice(blanks) for _ in range(draw.randint(1, most))]
    return "".join(words).strip()


def mail(headers: str = "", body: bytes = b"x") -> bytes:
    """A mail of these headers."""
    head = headers if "From:" in headers else f"From: ali@example.org\r\n{headers}".rstrip()
    return head.encode("utf-8") + b"\r\n\r\n" + body


def multipart(*parts: tuple[str, str] | str, kind: str = "mixed", headers: str = "") -> bytes:
    """A mail of several parts: pairs of a type and a text, or parts with their own headers."""
    written = [part if isinstance(part, str) else _part(*part) for part in parts]
    body = "".join(f"--border\r\n{part}\r\n" for part in written) + "--border--\r\n"
    head = f'{headers}\r\nContent-Type: multipart/{kind}; boundary="border"'.lstrip()
    return mail(head, body.encode("utf-8"))


def _part(kind: str, text: str) -> str:
    return f"Content-Type: {kind}; charset=utf-8\r\n\r\n{text}"
