"""What may be wrong with a WSDL, in English and Persian, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCES: Mapping[str, tuple[str, str]] = {
    "empty": (
        "There is no file, or it is empty.",
        "پرونده‌ای نیست، یا خالی است.",
    ),
    "large": (
        "It is larger than {limit} megabytes. Upload only the WSDL and the schemas it imports.",
        "از {limit} مگابایت بزرگ‌تر است. فقط WSDL و طرح‌واره‌هایی را که وارد می‌کند بفرستید.",
    ),
    "many-files": (
        "It holds more than {limit} files.",
        "بیش از {limit} پرونده دارد.",
    ),
    "zip": (
        "The zip file cannot be read ({why}). Pack it again, without a password.",
        "پروندهٔ zip خوانده نشد ({why}). آن را دوباره و بدون گذرواژه بسازید.",
    ),
    "name": (
        "The name of this file leads out of the zip file, or stands there twice.",
        "نام این پرونده به بیرون از zip می‌رود، یا دو بار آمده است.",
    ),
    "no-wsdl": (
        "None of the files is a WSDL 1.1 description (root element “definitions”).",
        "هیچ‌یک از پرونده‌ها شرح WSDL 1.1 نیست (عنصر ریشهٔ «definitions»).",
    ),
    "wsdl-2": (
        "This is WSDL 2.0. Ask the partner for its WSDL 1.1, which nearly every service has.",
        "این WSDL 2.0 است. از طرف مقابل WSDL 1.1 بخواهید؛ تقریباً هر سرویسی آن را دارد.",
    ),
    "html": (
        "This is a web page, not a WSDL. Open the address in a browser and look for the link "
        "that ends in “?wsdl”.",
        "این صفحهٔ وب است، نه WSDL. نشانی را در مرورگر باز کنید و پیوندی را بیابید که به "
        "«?wsdl» پایان می‌یابد.",
    ),
    "several": (
        "Several files are a WSDL on their own: {names}. Upload the zip with just one of them.",
        "چند پرونده هر یک WSDL جداگانه‌ای است: {names}. فقط یکی را در zip بگذارید.",
    ),
    "malformed": (
        "This is not well-formed XML: {why}.",
        "این XML درست نوشته نشده است: {why}.",
    ),
    "dtd": (
        "It holds a document type definition (DOCTYPE) or entities, which are not let in. Take "
        "the DOCTYPE out.",
        "در آن تعریف نوع سند (DOCTYPE) یا موجودیت هست که پذیرفته نمی‌شود. DOCTYPE را بردارید.",
    ),
    "deep": (
        "It is nested deeper than {limit} elements.",
        "بیش از {limit} عنصر تودرتو است.",
    ),
    "many": (
        "It holds more than {limit} elements.",
        "بیش از {limit} عنصر دارد.",
    ),
    "missing": (
        "It imports “{location}”, which is not among the files. Upload a zip file that holds it "
        "under this name.",
        "«{location}» را وارد می‌کند، که میان پرونده‌ها نیست. پروندهٔ zip را با آن و زیر همین نام "
        "بفرستید.",
    ),
    "outside": (
        "It imports “{location}” from another place, and nothing is fetched from there. Download "
        "the file, put it into a zip file beside the WSDL, and upload that.",
        "«{location}» را از جای دیگری وارد می‌کند، و از آنجا چیزی خوانده نمی‌شود. پرونده را "
        "دریافت کنید، در zip کنار WSDL بگذارید و آن را بفرستید.",
    ),
    "local": (
        "It imports “{location}”, a file of a machine, which is never read. Put that file into a "
        "zip file beside the WSDL, and write its plain name here.",
        "«{location}» را وارد می‌کند، که پرونده‌ای از یک رایانه است و هرگز خوانده نمی‌شود. آن را در "
        "zip کنار WSDL بگذارید و اینجا نام سادهٔ آن را بنویسید.",
    ),
    "redefine": (
        "It uses xs:{name}, which is not supported. Ask the partner for a WSDL without it.",
        "از xs:{name} استفاده می‌کند که پشتیبانی نمی‌شود. از طرف مقابل WSDL بدون آن بخواهید.",
    ),
    "no-operation": (
        "It describes no operation that can be called by SOAP 1.1 or 1.2 over HTTP.",
        "عملیاتی که با SOAP 1.1 یا 1.2 روی HTTP فراخوانی شود در آن نیست.",
    ),
    "unusable": (
        "It cannot be used: {why}.",
        "نمی‌توان از آن استفاده کرد: {why}.",
    ),
    "endless": (
        "Its types or groups hold themselves, or stand on each other, without end.",
        "نوع‌ها یا گروه‌های آن بی‌پایان خود را در بر دارند یا بر هم بنا شده‌اند.",
    ),
    "too-much": (
        "Working it out took more than {seconds} seconds or {megabytes} megabytes of memory. Ask "
        "the partner for a smaller WSDL, with only the operations you need.",
        "بررسی آن بیش از {seconds} ثانیه یا {megabytes} مگابایت حافظه گرفت. از طرف مقابل WSDL "
        "کوچک‌تری بخواهید که فقط عملیات لازم را دارد.",
    ),
    "slow": (
        "Fetching it and its imports took more than {seconds} seconds.",
        "دریافت آن و آنچه وارد می‌کند بیش از {seconds} ثانیه گرفت.",
    ),
    "not-fetched": (
        "It could not be fetched from “{url}”: {why}.",
        "از «{url}» دریافت نشد: {why}.",
    ),
}


class BadWsdl(ValueError):
    """A WSDL that cannot be used; :meth:`text` says what is wrong, where, and what to do."""

    def __init__(self, rule: str, file: str = "", line: int = 0, **details: Any) -> None:
        self.rule, self.file, self.line = rule, file, line
        self.details = {name: str(value)[:300] for name, value in details.items()}
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """One line in ``en`` or ``fa``: the file and line, when known, and the sentence."""
        if language != "fa":
            return f"{self._where('en')}{SENTENCES[self.rule][0].format_map(self.details)}"
        apart = {name: _apart(value) for name, value in self.details.items()}
        return f"{self._where('fa')}{SENTENCES[self.rule][1].format_map(apart)}"

    def _where(self, language: str) -> str:
        if not self.file:
            return ""
        if language != "fa":
            return f"{self.file}, line {self.line}: " if self.line else f"{self.file}: "
        line = f"، سطر {_apart(str(self.line))}" if self.line else ""
        return f"{_apart(self.file)}{line}: "


def _apart(text: str) -> str:
    """A number in Persian digits; a text of another direction so that it disturbs no order."""
    return text.translate(_DIGITS) if text.isdecimal() else f"\u2068{text}\u2069"


_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
