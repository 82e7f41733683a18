"""The rules about tasks and about what is written in them: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "task.job-type": (
        "The task has no task definition with a type.",
        "Give it one, such as notify.",
        "این کار task definition با نوع ندارد.",
        "نوعی به آن بدهید، مانند notify.",
    ),
    "task.decision": (
        "The business rule task lacks a called decision (decisionId) or a result variable.",
        "Name both outright.",
        "کار قاعدهٔ کسب‌وکار، تصمیم (decisionId) یا متغیر نتیجه ندارد.",
        "هر دو را بنویسید.",
    ),
    "task.script": (
        "The script task lacks a FEEL expression or a result variable.",
        "Write the expression with a leading “=”, and name the result variable.",
        "کار اسکریپت، عبارت FEEL یا متغیر نتیجه ندارد.",
        "عبارت را با «=» در آغاز بنویسید و متغیر نتیجه را نام ببرید.",
    ),
    "task.result-name": (
        "“{name}” cannot be the name of a result variable.",
        "Write letters, digits and underscores alone, beginning with a letter; bring the result to "
        "another place by an output mapping.",
        "«{name}» نمی‌تواند نام متغیر نتیجه باشد.",
        "تنها حرف، رقم و زیرخط بنویسید و با حرف آغاز کنید؛ نتیجه را با نگاشت خروجی به جای دیگر "
        "ببرید.",
    ),
    "mapping.twice": (
        "The mapping sets “{target}” twice, so the first value is lost.",
        "Remove one of the lines, or give one another target.",
        "این نگاشت «{target}» را دو بار مقدار می‌دهد و مقدار نخست از دست می‌رود.",
        "یکی از دو سطر را بردارید، یا به یکی مقصد دیگری بدهید.",
    ),
    "task.retries": (
        "The number of retries is neither a whole number nor a FEEL expression.",
        "Write a number, such as 3.",
        "تعداد تلاش نه عدد درست است نه عبارت FEEL.",
        "عدد بنویسید، مانند ۳ (با رقم‌های لاتین).",
    ),
    "task.priority": (
        "The priority is neither a whole number from 0 to 100 nor a FEEL expression.",
        "Write a number, such as 50.",
        "اولویت نه عدد درست از ۰ تا ۱۰۰ است نه عبارت FEEL.",
        "عدد بنویسید، مانند ۵۰ (با رقم‌های لاتین).",
    ),
    "task.due": (
        "“{text}” is not an instant with an offset.",
        "Write one such as 2026-03-21T08:00:00+03:30, or a FEEL expression.",
        "«{text}» لحظه‌ای با اختلاف ساعت نیست.",
        "لحظه‌ای مانند 2026-03-21T08:00:00+03:30 یا عبارت FEEL بنویسید.",
    ),
    "task.follow-up": (
        "The follow-up date has no effect.",
        "Remove it, or draw a timer.",
        "تاریخ پیگیری (followUpDate) اثری ندارد.",
        "آن را بردارید یا زمان‌سنج بکشید.",
    ),
    "task.nobody": (
        "Nobody is named for this task.",
        "Give candidate groups, an assignee or a lane.",
        "برای این کار کسی معین نشده است.",
        "گروه، مسئول یا lane بگذارید.",
    ),
    "task.performer": (
        "Who does the task is said by “{name}”, which is not followed.",
        "Say it by zeebe:assignmentDefinition (candidateGroups, candidateUsers or assignee), or by"
        " a lane, and remove “{name}”.",
        "انجام‌دهندهٔ کار با «{name}» گفته شده است که از آن پیروی نمی‌شود.",
        "آن را با zeebe:assignmentDefinition (ویژگی candidateGroups، candidateUsers یا assignee)"
        " یا با lane بگویید و «{name}» را بردارید.",
    ),
    "task.performer-idle": (
        "“{name}” has no effect here: only user tasks are given to people.",
        "Remove it, or draw a user task with zeebe:assignmentDefinition.",
        "«{name}» این‌جا اثری ندارد: تنها کارهای کاربر به افراد سپرده می‌شوند.",
        "آن را بردارید یا کار کاربر با zeebe:assignmentDefinition بکشید.",
    ),
    "task.sla": (
        "“{text}” is not an ISO 8601 duration.",
        "Write one such as PT4H.",
        "«{text}» مدت ISO 8601 نیست.",
        "مدتی مانند PT4H بنویسید.",
    ),
    "loop.two-markers": (
        "The activity has two markers: a loop and a multi-instance.",
        "Keep one: the loop repeats while a condition holds, multi-instance once for each item.",
        "این کار دو نشان دارد: تکرار و چندنمونه‌ای.",
        "یکی را نگه دارید: تکرار تا برقراریِ شرط است و چندنمونه‌ای برای هر مورد یک بار.",
    ),
    "loop.form": (
        "“{name}” of a repeated activity cannot be followed as it is written.",
        "Name the items by the input and output collection, and the end by a condition.",
        "از «{name}» در فعالیت تکراری به این صورت پیروی نمی‌شود.",
        "موردها را با مجموعهٔ ورودی و خروجی، و پایان را با شرط بگویید.",
    ),
    "loop.here": (
        "Only a task or a subprocess can be repeated.",
        "Remove the loop marker.",
        "فقط کار یا زیرفرایند تکرار می‌شود.",
        "نشان تکرار را بردارید.",
    ),
    "loop.endless": (
        "The loop never ends.",
        "Give it a loop condition or a maximum.",
        "این تکرار پایان ندارد.",
        "شرط تکرار یا بیشینه بگذارید.",
    ),
    "loop.maximum": (
        "The loop maximum is not a whole number from 1 to {limit}.",
        "Write such a number.",
        "بیشینهٔ تکرار عدد درستی از ۱ تا {limit} نیست.",
        "چنین عددی بنویسید.",
    ),
    "loop.cardinality": (
        "The loop cardinality is neither a whole number up to {limit} nor a FEEL expression.",
        "Write one of them.",
        "تعداد نمونه‌ها نه عدد درستی تا {limit} است نه عبارت FEEL.",
        "یکی از این دو را بنویسید.",
    ),
    "loop.both": (
        "How many turns there are is said twice: by an input collection and by a loop cardinality.",
        "Remove one of the two.",
        "تعداد نوبت‌ها دو بار گفته شده است: با مجموعهٔ ورودی و با loopCardinality.",
        "یکی از این دو را بردارید.",
    ),
    "loop.collection": (
        "A multi-instance activity needs an input collection.",
        "Write a FEEL list such as =units.",
        "فعالیت چندنمونه، مجموعهٔ ورودی می‌خواهد.",
        "لیستی در FEEL بنویسید، مانند =units.",
    ),
    "loop.output": (
        "An output collection and an output element belong together.",
        "Give both, or neither.",
        "مجموعهٔ خروجی و عنصر خروجی با هم می‌آیند.",
        "هر دو را بگذارید یا هیچ‌کدام را.",
    ),
    "mapping.target": (
        "“{target}” is not a variable name.",
        "Use letters, digits and underscores, with dots between levels.",
        "«{target}» نام متغیر نیست.",
        "حرف، رقم و زیرخط، و میان سطح‌ها نقطه به‌کار ببرید.",
    ),
    "mapping.here": (
        "Mappings have no effect on this element.",
        "Move them to a task.",
        "نگاشت روی این عنصر اثری ندارد.",
        "آن را روی یک کار بگذارید.",
    ),
    "feel.syntax": (
        "{what}: the expression “{text}” cannot be read: {why_en}",
        "Correct the expression.",
        "{what}: عبارت «{text}» خوانده نمی‌شود: {why_fa}",
        "عبارت را درست کنید.",
    ),
    "feel.function": (
        "{what}: there is no function “{name}”.",
        "Correct its name; the page about FEEL lists all functions.",
        "{what}: تابعی با نام «{name}» نیست.",
        "نام آن را درست کنید؛ همهٔ تابع‌ها در صفحهٔ FEEL آمده‌اند.",
    ),
    "feel.needed": (
        "{what}: “{text}” is not a FEEL expression.",
        'Write it in FEEL with a leading “=”; a text stands in quotes, such as ="yes".',
        "{what}: «{text}» عبارت FEEL نیست.",
        'آن را به FEEL و با «=» در آغاز بنویسید؛ متن در گیومه می‌آید، مانند ="yes".',
    ),
    "stage.unknown": (
        "The stage “{stage}” is not in the process's list of stages.",
        "Add it to the property stages, or correct the name.",
        "مرحلهٔ «{stage}» در فهرست مراحل فرایند نیست.",
        "آن را به ویژگی stages بیفزایید یا نام را درست کنید.",
    ),
    "stage.label": (
        "The stage “{stage}” has no label in the language {language}.",
        "Add the property stage.{stage}.{language}.",
        "مرحلهٔ «{stage}» به زبان {language} برچسب ندارد.",
        "ویژگی stage.{stage}.{language} را بگذارید.",
    ),
    "waits.unknown": (
        "The property waits is “{text}”.",
        "Write “customer” or “partner”.",
        "ویژگی waits برابر «{text}» است.",
        "«customer» یا «partner» بنویسید.",
    ),
}
