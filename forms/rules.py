"""The rules about form files: what is wrong and what to write, in English and Persian.

Each entry is (English, its remedy, Persian, its remedy). The names of rules are stable; outside
this room they begin with ``form.``.
"""

from __future__ import annotations

from collections.abc import Mapping

from forms.model import Finding, Names

RULES: dict[str, tuple[str, str, str, str]] = {
    "json": (
        "The file is not readable JSON: {why}.",
        "Save it again with the form editor.",
        "این پرونده JSON خوانا نیست: {why}.",
        "آن را دوباره با ویرایشگر فرم ذخیره کنید.",
    ),
    "json-object": (
        "The file does not hold one JSON object.",
        "Save the whole form with the form editor.",
        "در این پرونده یک شیء JSON نیست.",
        "کل فرم را با ویرایشگر فرم ذخیره کنید.",
    ),
    "size": (
        "The file is larger than {limit} kB.",
        "Split the form, or leave out what is not part of it.",
        "پرونده از {limit} کیلوبایت بزرگ‌تر است.",
        "فرم را تقسیم کنید یا آنچه از فرم نیست بردارید.",
    ),
    "name": (
        "The name of the file cannot be the form’s key.",
        "Use Latin letters, digits, “-” and “_” only.",
        "نام این پرونده کلید فرم نمی‌شود.",
        "فقط حرف لاتین، رقم، «-» و «_» به‌کار ببرید.",
    ),
    "form-id": (
        "The form’s id is not the name of its file.",
        "Write {name}, or rename the file.",
        "شناسهٔ فرم با نام پرونده یکی نیست.",
        "{name} بنویسید، یا نام پرونده را عوض کنید.",
    ),
    "form-type": (
        "The form is not of the type “default”.",
        "Write “default” as its type.",
        "نوع این فرم «default» نیست.",
        "نوع را «default» بنویسید.",
    ),
    "schema-version": (
        "The form was written by an editor older than schemaVersion {oldest}.",
        "Open and save it with a newer form editor; schemaVersion is a whole number.",
        "این فرم را ویرایشگری قدیمی‌تر از schemaVersion {oldest} نوشته است.",
        "آن را در ویرایشگر تازه‌تری باز و ذخیره کنید؛ schemaVersion عدد درست است.",
    ),
    "empty": (
        "The form has no components.",
        "Add at least one field or text.",
        "این فرم هیچ جزئی ندارد.",
        "دست‌کم یک فیلد یا متن بیفزایید.",
    ),
    "too-many": (
        "The form has more than {limit} components.",
        "Split it into several forms.",
        "این فرم بیش از {limit} جزء دارد.",
        "آن را به چند فرم تقسیم کنید.",
    ),
    "depth": (
        "Groups are nested deeper than {limit}.",
        "Move this group out of the one around it.",
        "تودرتویی گروه‌ها از {limit} بیشتر است.",
        "این گروه را از گروه پیرامونش بیرون بیاورید.",
    ),
    "component": (
        "Components of type “{name}” are not supported.",
        "Use one of: {known}.",
        "جزء از نوع «{name}» پشتیبانی نمی‌شود.",
        "یکی از این‌ها را به‌کار ببرید: {known}.",
    ),
    "component-object": (
        "Component {number} is no object.",
        "Write an object with a type and an id.",
        "جزء {number} شیء نیست.",
        "شیئی با نوع و شناسه بنویسید.",
    ),
    "attribute": (
        "“{name}” is not supported here.",
        "Remove it.",
        "«{name}» این‌جا پشتیبانی نمی‌شود.",
        "آن را بردارید.",
    ),
    "serialise": (
        "A number is never kept as a text (serializeToString).",
        "Switch it off: numbers stay numbers.",
        "عدد به‌صورت متن نگه داشته نمی‌شود (serializeToString).",
        "آن را خاموش کنید: عدد، عدد می‌ماند.",
    ),
    "id": (
        "Component {number} “{name}” has no id, or one that cannot be used.",
        "Give it one of Latin letters, digits, “_”, “-” and “.”, at most 100.",
        "جزء {number} «{name}» شناسه ندارد یا شناسه‌اش به‌کار نمی‌آید.",
        "شناسه‌ای با حرف لاتین، رقم، «_»، «-» و «.» بدهید، حداکثر ۱۰۰ نویسه.",
    ),
    "id-repeated": (
        "This id is used more than once.",
        "Give every component an id of its own.",
        "این شناسه بیش از یک بار آمده است.",
        "به هر جزء شناسهٔ خودش را بدهید.",
    ),
    "key": (
        "The field has no key that can be a variable.",
        "Begin it with a Latin letter or “_”; then letters, digits and “_”, at most 64.",
        "این فیلد کلیدی ندارد که متغیر شود.",
        "با حرف لاتین یا «_» آغاز کنید و با حرف، رقم و «_» ادامه دهید، حداکثر ۶۴ نویسه.",
    ),
    "key-repeated": (
        "The key “{name}” is used more than once, so one answer would hide another.",
        "Give every field a key of its own.",
        "کلید «{name}» بیش از یک بار آمده است و یک پاسخ دیگری را می‌پوشاند.",
        "به هر فیلد کلید خودش را بدهید.",
    ),
    "refers-to": (
        "The property refers_to cannot be “{name}” here.",
        "A text field may name an asset, a problem, a user, a request, or a request:SERVICE.",
        "ویژگی refers_to اینجا نمی‌تواند «{name}» باشد.",
        "فیلد متنی می‌تواند به asset، problem، user، request یا request:SERVICE اشاره کند.",
    ),
    "label": (
        "The component has no label.",
        "Write one, and its Persian under the property label_fa.",
        "این جزء عنوان (label) ندارد.",
        "عنوانی بنویسید و فارسی آن را در ویژگی label_fa بگذارید.",
    ),
    "text-empty": (
        "The text is empty.",
        "Write it, and its Persian under the property text_fa, or remove the component.",
        "این متن خالی است.",
        "آن را بنویسید و فارسی‌اش را در ویژگی text_fa بگذارید، یا این جزء را بردارید.",
    ),
    "language": (
        "“{name}” has no text in {missing_en}.",
        "Add it: people read the form in both languages.",
        "«{name}» به {missing_fa} متنی ندارد.",
        "آن را بیفزایید: فرم به هر دو زبان خوانده می‌شود.",
    ),
    "expression": (
        "“{name}” is an expression or a template, not a plain text.",
        "Write the text itself, without “=” at its beginning and without braces.",
        "«{name}» عبارت یا الگوست، نه متن ساده.",
        "خودِ متن را بنویسید، بی «=» در آغاز و بی آکولاد.",
    ),
    "hide": (
        "The condition that hides the component is not FEEL.",
        'Write it with a leading “=”, such as =remedy != "refund".',
        "شرط پنهان‌شدن این جزء عبارت FEEL نیست.",
        'آن را با «=» در آغاز بنویسید، مانند =remedy != "refund".',
    ),
    "condition-unreadable": (
        "The condition “{text}” that hides the component cannot be read: {why_en}",
        "Correct the expression.",
        "شرط پنهان‌شدن «{text}» خوانده نمی‌شود: {why_fa}",
        "عبارت را درست کنید.",
    ),
    "condition-function": (
        "The condition “{text}” calls “{name}”, but there is no such function.",
        "Correct its name; the page about FEEL lists all functions.",
        "شرط «{text}» تابع «{name}» را می‌خواهد، ولی چنین تابعی نیست.",
        "نام آن را درست کنید؛ همهٔ تابع‌ها در صفحهٔ FEEL آمده‌اند.",
    ),
    "object": (
        "“{name}” is no object.",
        "Write names and values in braces, or remove it.",
        "«{name}» شیء نیست.",
        "نام و مقدارها را در آکولاد بنویسید یا آن را بردارید.",
    ),
    "list": (
        "“{name}” is no list.",
        "Write a list in brackets, or remove it.",
        "«{name}» فهرست نیست.",
        "فهرستی در کروشه بنویسید یا آن را بردارید.",
    ),
    "text": (
        "“{name}” is no plain text of at most {limit} characters.",
        "Write such a text, without hidden signs.",
        "«{name}» متن ساده‌ای با حداکثر {limit} نویسه نیست.",
        "چنین متنی بنویسید، بی نویسهٔ پنهان.",
    ),
    "flag": (
        "“{name}” is neither true nor false.",
        "Write true or false; an expression is not supported here.",
        "«{name}» نه true است نه false.",
        "true یا false بنویسید؛ عبارت در این‌جا پشتیبانی نمی‌شود.",
    ),
    "whole": (
        "“{name}” is no whole number from 0 to {limit}.",
        "Write such a number.",
        "«{name}» عدد درستی از ۰ تا {limit} نیست.",
        "چنین عددی بنویسید.",
    ),
    "number": (
        "“{name}” is no number of at most 15 digits.",
        "Write such a number; an expression is not supported here.",
        "«{name}» عددی با حداکثر ۱۵ رقم نیست.",
        "چنین عددی بنویسید؛ عبارت در این‌جا پشتیبانی نمی‌شود.",
    ),
    "length": (
        "No text can be as long as minLength and maxLength ask together.",
        "Let maxLength be at least 1 and not under minLength.",
        "هیچ متنی با minLength و maxLength با هم جور نیست.",
        "maxLength را دست‌کم ۱ و نه کمتر از minLength بگذارید.",
    ),
    "range": (
        "No number can satisfy min, max and decimalDigits together.",
        "Let max be no less than min, with a number of those decimal places between them.",
        "هیچ عددی با min و max و decimalDigits با هم جور نیست.",
        "max را کمتر از min نگذارید، و میان آن دو عددی با این شمار رقم اعشار باشد.",
    ),
    "pattern": (
        "The pattern is not one that RE2 knows.",
        "Correct it; RE2 has no look-around and no back references.",
        "الگو (pattern) در RE2 خوانده نمی‌شود.",
        "آن را درست کنید؛ RE2 نگاه به پس‌وپیش و ارجاع به عقب ندارد.",
    ),
    "validation-type": (
        "There is no validation type “{name}”.",
        "Write email or phone, or remove it.",
        "گونهٔ وارسی «{name}» وجود ندارد.",
        "email یا phone بنویسید یا آن را بردارید.",
    ),
    "subtype": (
        "There is no subtype “{name}”.",
        "Write date, time or datetime.",
        "زیرگونهٔ «{name}» وجود ندارد.",
        "date یا time یا datetime بنویسید.",
    ),
    "options": (
        "The field has no options, or more than {limit}.",
        "Write 1 to {limit} of them under values.",
        "این فیلد گزینه‌ای ندارد یا بیش از {limit} گزینه دارد.",
        "در values از ۱ تا {limit} گزینه بنویسید.",
    ),
    "option": (
        "An option has no label, or no value of at most 200 characters.",
        "Give each option both, as texts.",
        "یکی از گزینه‌ها عنوان ندارد، یا مقداری با حداکثر ۲۰۰ نویسه ندارد.",
        "برای هر گزینه هر دو را به‌صورت متن بنویسید.",
    ),
    "option-repeated": (
        "Two options have the same value.",
        "Give each option a value of its own.",
        "دو گزینه یک مقدار دارند.",
        "به هر گزینه مقدار خودش را بدهید.",
    ),
    "default": (
        "The default value breaks the field’s own rules: {why_en}.",
        "Correct it or remove it.",
        "مقدار پیش‌فرض با قاعده‌های خودِ فیلد جور نیست: {why_fa}.",
        "آن را درست کنید یا بردارید.",
    ),
}
"""Every rule with what is wrong and the remedy, in English, then in Persian."""

WARNINGS = frozenset({"language"})
"""Rules that warn; all others refuse."""


def finding(code: str, element: str, line: int, words: Mapping[str, object]) -> Finding:
    """The finding of a rule, its message and remedy filled in for both languages."""
    en, remedy_en, fa, remedy_fa = (text.format(**words) for text in RULES[code])
    message: Names = {"fa": fa, "en": en}
    remedy: Names = {"fa": remedy_fa, "en": remedy_en}
    return Finding(element, code, message, remedy, line, "warning" if code in WARNINGS else "error")
