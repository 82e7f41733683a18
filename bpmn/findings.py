"""Every reason for which a diagram is refused or warned about, in English and Persian.

A message says what is wrong and what to draw instead. The ids are stable: pages, tests and
translations refer to them.
"""

from __future__ import annotations

from bpmn.model import Finding

_MESSAGES: dict[str, tuple[str, str]] = {
    "file.not-bpmn": (
        "This is not a BPMN 2.0 file: the root element must be bpmn:definitions.",
        "این پرونده BPMN 2.0 نیست؛ ریشهٔ آن باید bpmn:definitions باشد.",
    ),
    "file.too-many": (
        "The process has more than {limit} elements; split it into several processes.",
        "این فرایند بیش از {limit} عنصر دارد؛ آن را به چند فرایند تقسیم کنید.",
    ),
    "file.too-many-flows": (
        "The process has more than {limit} sequence flows; split it into several processes.",
        "این فرایند بیش از {limit} جریان دارد؛ آن را به چند فرایند تقسیم کنید.",
    ),
    "process.none": (
        "No process is marked as executable; tick “Executable” on the process that shall run.",
        "هیچ فرایندی اجرایی نیست؛ گزینهٔ «Executable» را برای فرایندی که باید اجرا شود بزنید.",
    ),
    "process.several": (
        "More than one process is executable; keep one per file.",
        "بیش از یک فرایند اجرایی است؛ در هر پرونده یکی نگه دارید.",
    ),
    "process.no-start": (
        "The process has no start event; draw one.",
        "این فرایند رویداد آغاز ندارد؛ یکی بکشید.",
    ),
    "process.several-starts": (
        "There is more than one plain start event; keep one, or start the others by messages.",
        "بیش از یک رویداد آغاز ساده هست؛ یکی نگه دارید یا بقیه را با پیام آغاز کنید.",
    ),
    "id.duplicate": (
        "The id “{element}” is used twice; every element needs an id of its own.",
        "شناسهٔ «{element}» دو بار آمده است؛ هر عنصر شناسهٔ خودش را می‌خواهد.",
    ),
    "id.missing": (
        "An element of type {element} has no id.",
        "عنصری از نوع {element} شناسه ندارد.",
    ),
    "id.odd": (
        "The id “{element}” may hold letters, digits, “_”, “-” and “.” only, and begins with a"
        " letter or “_”.",
        "شناسهٔ «{element}» فقط حرف، رقم، «_»، «-» و «.» دارد و با حرف یا «_» آغاز می‌شود.",
    ),
    "element.unsupported": (
        "Elements of type {type} are not supported. {hint_en}",
        "عنصر {type} پشتیبانی نمی‌شود. {hint_fa}",
    ),
    "element.attribute": (
        "“{name}” cannot be followed as it is written; remove or correct it.",
        "از «{name}» به این صورت پیروی نمی‌شود؛ آن را بردارید یا درست کنید.",
    ),
    "extension.unknown": (
        "The extension “{name}” is not followed by the engine; remove it.",
        "موتور از افزونهٔ «{name}» پیروی نمی‌کند؛ آن را بردارید.",
    ),
    "flow.dangling": (
        "The sequence flow leads from “{source}” to “{target}”, but one of them is missing.",
        "این جریان از «{source}» به «{target}» می‌رود، ولی یکی از آن‌ها وجود ندارد.",
    ),
    "flow.crosses": (
        "A sequence flow may not cross the border of a subprocess; use its end or a boundary"
        " event.",
        "جریان از مرز زیرفرایند نمی‌گذرد؛ از پایان آن یا رویداد مرزی استفاده کنید.",
    ),
    "flow.into-start": (
        "No sequence flow may lead into a start or boundary event.",
        "هیچ جریانی به رویداد آغاز یا رویداد مرزی نمی‌رسد.",
    ),
    "flow.from-end": (
        "No sequence flow may leave an end event.",
        "هیچ جریانی از رویداد پایان بیرون نمی‌رود.",
    ),
    "flow.none-in": (
        "Nothing leads to this element, so it never runs; connect it or remove it.",
        "هیچ جریانی به این عنصر نمی‌رسد و هرگز اجرا نمی‌شود؛ وصلش کنید یا بردارید.",
    ),
    "flow.none-out": (
        "Nothing follows this element; lead it to an end event.",
        "پس از این عنصر چیزی نیست؛ آن را به یک رویداد پایان برسانید.",
    ),
    "flow.condition-missing": (
        "The flow “{flow}” needs a condition, or mark it as the default flow.",
        "جریان «{flow}» شرط می‌خواهد؛ یا آن را پیش‌فرض کنید.",
    ),
    "flow.condition-ignored": (
        "The condition of the flow “{flow}” would have no effect here; use an exclusive or"
        " inclusive gateway.",
        "شرط جریان «{flow}» این‌جا اثری ندارد؛ از دروازهٔ انحصاری یا فراگیر استفاده کنید.",
    ),
    "flow.condition-not-feel": (
        "The condition of the flow “{flow}” must be a FEEL expression that begins with “=”.",
        "شرط جریان «{flow}» باید عبارت FEEL باشد و با «=» آغاز شود.",
    ),
    "flow.default-wrong": (
        "The default flow “{flow}” does not leave this element.",
        "جریان پیش‌فرض «{flow}» از این عنصر بیرون نمی‌رود.",
    ),
    "flow.default-condition": (
        "The default flow “{flow}” also has a condition; remove one of the two.",
        "جریان پیش‌فرض «{flow}» شرط هم دارد؛ یکی از این دو را بردارید.",
    ),
    "flow.no-default": (
        "No default flow: when no condition holds, the process stops here with a fault.",
        "جریان پیش‌فرض ندارد: اگر هیچ شرطی برقرار نباشد، فرایند همین‌جا با خطا می‌ایستد.",
    ),
    "event.several-triggers": (
        "An event may have one trigger only; draw one event for each.",
        "هر رویداد یک محرک دارد؛ برای هر محرک یک رویداد بکشید.",
    ),
    "event.unsupported": (
        "A {kind} trigger is not supported on this event. {hint_en}",
        "محرک {kind} برای این رویداد پشتیبانی نمی‌شود. {hint_fa}",
    ),
    "event.no-trigger": (
        "The event needs a trigger: a message or a timer{more_en}.",
        "این رویداد محرک می‌خواهد: پیام یا زمان‌سنج{more_fa}.",
    ),
    "event.message-missing": (
        "The event names no message, or one that the file does not declare.",
        "این رویداد پیامی را نام نبرده یا پیام آن در پرونده تعریف نشده است.",
    ),
    "event.correlation-missing": (
        "The message “{message}” has no correlation key; add a subscription with one, such as"
        " =request.number.",
        "پیام «{message}» کلید تطبیق ندارد؛ برای آن subscription بگذارید، مانند =request.number.",
    ),
    "event.error-missing": (
        "The event refers to an error that the file does not declare.",
        "این رویداد به خطایی اشاره می‌کند که در پرونده تعریف نشده است.",
    ),
    "event.error-code-missing": (
        "An error end event needs an error with a code.",
        "رویداد پایان خطا، خطایی با کد می‌خواهد.",
    ),
    "event.error-uncaught": (
        "Nothing around this end event catches the error “{code}”; it will stand"
        " here as a fault, unless a process that calls this one catches it.",
        "چیزی پیرامون این پایان، خطای «{code}» را نمی‌گیرد؛ همین‌جا می‌ماند، مگر"
        " فرایندی که این را صدا می‌زند آن را بگیرد.",
    ),
    "event.error-not-interrupting": (
        "An error boundary event always interrupts; mark it as interrupting.",
        "رویداد مرزی خطا همیشه قطع‌کننده است؛ آن را قطع‌کننده کنید.",
    ),
    "event.error-feel": (
        "The code of an error is written out here, not worked out: “{code}” would be taken as"
        " it stands.",
        "کد خطا این‌جا نوشته می‌شود و حساب نمی‌شود: «{code}» همان‌گونه خوانده می‌شود.",
    ),
    "event.start-feel": (
        "The message that starts the process is named outright; before the start there are no"
        " values to work out “{message}” from.",
        "نام پیامی که فرایند را آغاز می‌کند نوشته می‌شود؛ پیش از آغاز مقداری نیست که «{message}»"
        " از آن حساب شود.",
    ),
    "event.ambiguous": (
        "Another event at this place waits for the same; keep one of them.",
        "رویداد دیگری هم همین‌جا منتظر همین است؛ یکی را نگه دارید.",
    ),
    "event.timer-empty": (
        "The timer has no date, duration or cycle.",
        "این زمان‌سنج تاریخ، مدت یا دوره ندارد.",
    ),
    "event.timer-wrong": (
        "“{text}” is not a valid {kind}: {why_en}",
        "«{text}» {kind_fa} درستی نیست: {why_fa}",
    ),
    "event.cycle-here": (
        "A cycle is possible on a non-interrupting boundary event or event subprocess only;"
        " use a duration.",
        "دوره فقط برای رویداد مرزی یا زیرفرایند رویدادی غیرقطع‌کننده ممکن است؛ مدت بگذارید.",
    ),
    "event.link-name": (
        "A link event needs a name.",
        "رویداد پیوند نام می‌خواهد.",
    ),
    "event.link-target": (
        "For the link “{name}” there must be exactly one catching link event in the same"
        " process or subprocess.",
        "برای پیوند «{name}» باید درست یک رویداد گیرنده در همان فرایند یا زیرفرایند باشد.",
    ),
    "event.throws-nothing": (
        "A message event needs a task definition (type) to send by; or use a send task.",
        "رویداد پیام برای فرستادن task definition (نوع) می‌خواهد؛ یا send task بکشید.",
    ),
    "boundary.host": (
        "The boundary event must be attached to a task or subprocess of the same level.",
        "رویداد مرزی باید به یک کار یا زیرفرایندِ همان سطح بچسبد.",
    ),
    "boundary.never": (
        "A boundary event on this element would never fire: the element ends at once.",
        "رویداد مرزی روی این عنصر هرگز رخ نمی‌دهد: عنصر بی‌درنگ پایان می‌یابد.",
    ),
    "gateway.event-target": (
        "Behind an event-based gateway only message or timer catch events and receive tasks"
        " may stand, each with this one flow; “{target}” is something else.",
        "پس از دروازهٔ رویدادی فقط رویداد گیرندهٔ پیام یا زمان یا receive task با همین یک"
        " جریان می‌آید؛ «{target}» چیز دیگری است.",
    ),
    "gateway.event-few": (
        "An event-based gateway needs at least two events behind it.",
        "دروازهٔ رویدادی دست‌کم دو رویداد پس از خود می‌خواهد.",
    ),
    "subprocess.start": (
        "A subprocess needs exactly one plain start event.",
        "زیرفرایند درست یک رویداد آغاز ساده می‌خواهد.",
    ),
    "subprocess.event-start": (
        "An event subprocess needs exactly one start event, with a message or a timer.",
        "زیرفرایند رویدادی درست یک رویداد آغاز با پیام یا زمان‌سنج می‌خواهد.",
    ),
    "subprocess.event-flows": (
        "An event subprocess has no sequence flows, boundary events, loops or mappings of its own.",
        "زیرفرایند رویدادی خودش جریان، رویداد مرزی، تکرار یا نگاشت ندارد.",
    ),
    "subprocess.trigger": (
        "The start event inside a subprocess has no trigger.",
        "رویداد آغازِ درون زیرفرایند محرک ندارد.",
    ),
    "task.job-type": (
        "The task needs a task definition with a type.",
        "این کار task definition با نوع می‌خواهد.",
    ),
    "task.decision": (
        "The business rule task needs a called decision (decisionId) and a result variable.",
        "کار قاعدهٔ کسب‌وکار، تصمیم (decisionId) و متغیر نتیجه می‌خواهد.",
    ),
    "task.script": (
        "The script task needs a FEEL expression and a result variable.",
        "کار اسکریپت، عبارت FEEL و متغیر نتیجه می‌خواهد.",
    ),
    "task.retries": (
        "The number of retries must be a whole number or a FEEL expression.",
        "تعداد تلاش باید عدد درست یا عبارت FEEL باشد.",
    ),
    "task.priority": (
        "The priority must be a whole number from 0 to 100 or a FEEL expression.",
        "اولویت باید عدد درست از ۰ تا ۱۰۰ یا عبارت FEEL باشد.",
    ),
    "task.due": (
        "“{text}” is not an instant with an offset, such as 2026-03-21T08:00:00+03:30; or write"
        " a FEEL expression.",
        "«{text}» لحظه‌ای با اختلاف ساعت نیست، مانند 2026-03-21T08:00:00+03:30؛ یا عبارت FEEL"
        " بنویسید.",
    ),
    "task.follow-up": (
        "The follow-up date has no effect; remove it, or draw a timer.",
        "تاریخ پیگیری (followUpDate) اثری ندارد؛ آن را بردارید یا زمان‌سنج بکشید.",
    ),
    "task.nobody": (
        "Nobody is named for this task: give candidate groups, an assignee or a lane.",
        "برای این کار کسی معین نشده است: گروه، مسئول یا lane بگذارید.",
    ),
    "task.sla": (
        "“{text}” is not an ISO 8601 duration, such as PT4H.",
        "«{text}» مدت ISO 8601 نیست، مانند PT4H.",
    ),
    "loop.form": (
        "“{name}” of a repeated activity cannot be followed as it is written; name the items by"
        " the input and output collection, and the end by a condition.",
        "از «{name}» در فعالیت تکراری به این صورت پیروی نمی‌شود؛ موردها را با مجموعهٔ ورودی و"
        " خروجی، و پایان را با شرط بگویید.",
    ),
    "loop.here": (
        "Only a task or a subprocess can be repeated; remove the loop marker.",
        "فقط کار یا زیرفرایند تکرار می‌شود؛ نشان تکرار را بردارید.",
    ),
    "loop.endless": (
        "The loop never ends: give it a loop condition or a maximum.",
        "این تکرار پایان ندارد؛ شرط تکرار یا بیشینه بگذارید.",
    ),
    "loop.maximum": (
        "The loop maximum must be a whole number from 1 to {limit}.",
        "بیشینهٔ تکرار باید عدد درستی از ۱ تا {limit} باشد.",
    ),
    "loop.cardinality": (
        "The loop cardinality must be a whole number up to {limit} or a FEEL expression.",
        "تعداد نمونه‌ها باید عدد درستی تا {limit} یا عبارت FEEL باشد.",
    ),
    "loop.both": (
        "Say how many turns there are either by an input collection or by a loop cardinality,"
        " not by both.",
        "تعداد نوبت‌ها را یا با مجموعهٔ ورودی بگویید یا با loopCardinality، نه با هر دو.",
    ),
    "loop.collection": (
        "A multi-instance activity needs an input collection, a FEEL list such as =units.",
        "فعالیت چندنمونه، مجموعهٔ ورودی می‌خواهد؛ لیستی در FEEL مانند =units.",
    ),
    "loop.output": (
        "An output collection and an output element belong together.",
        "مجموعهٔ خروجی و عنصر خروجی با هم می‌آیند.",
    ),
    "mapping.target": (
        "“{target}” is not a variable name; use letters, digits and underscores, with dots"
        " between levels.",
        "«{target}» نام متغیر نیست؛ حرف، رقم و زیرخط، و میان سطح‌ها نقطه به‌کار ببرید.",
    ),
    "mapping.here": (
        "Mappings have no effect on this element; move them to a task.",
        "نگاشت روی این عنصر اثری ندارد؛ آن را روی یک کار بگذارید.",
    ),
    "feel.syntax": (
        "{what}: the expression “{text}” cannot be read: {why_en}",
        "{what}: عبارت «{text}» خوانده نمی‌شود: {why_fa}",
    ),
    "feel.needed": (
        "{what}: “{text}” must be a FEEL expression that begins with “=”.",
        "{what}: «{text}» باید عبارت FEEL باشد و با «=» آغاز شود.",
    ),
    "text.too-long": (
        "{what}: this is more than the {limit} that can be stored; make it shorter.",
        "{what}: این بیش از {limit} است که نگه داشته می‌شود؛ کوتاهش کنید.",
    ),
    "call.process": (
        "The call activity names no process; write the id of the process it calls under “Called"
        " element” (zeebe:calledElement, processId).",
        "این فعالیت فراخوان فرایندی را نام نمی‌برد؛ شناسهٔ آن را در «Called element» بنویسید"
        " (zeebe:calledElement، ویژگی processId).",
    ),
    "call.here": (
        "Only a call activity calls another process; remove zeebe:calledElement here, or draw a"
        " call activity.",
        "فقط فعالیت فراخوان فرایند دیگری را صدا می‌زند؛ zeebe:calledElement را از این‌جا بردارید یا"
        " فعالیت فراخوان بکشید.",
    ),
    "call.binding": (
        "The binding “{text}” does not exist; use latest, deployment or versionTag.",
        "پیوند «{text}» وجود ندارد؛ latest یا deployment یا versionTag بنویسید.",
    ),
    "call.tag-missing": (
        "The call is bound to a version tag, but names none; write the tag of the called process.",
        "این فراخوان به برچسب نسخه بسته است ولی برچسبی ندارد؛ برچسب فرایند فراخوانده را بنویسید.",
    ),
    "call.tag-unused": (
        "The version tag “{tag}” would be ignored; set the binding to versionTag or remove the"
        " tag.",
        "برچسب نسخهٔ «{tag}» نادیده می‌ماند؛ پیوند را versionTag کنید یا برچسب را بردارید.",
    ),
    "call.tag-feel": (
        "A version tag is a plain text, not an expression: “{tag}”. Write the tag itself.",
        "برچسب نسخه متن ساده است نه عبارت: «{tag}». خود برچسب را بنویسید.",
    ),
    "call.race": (
        "The calls run at the same time and each writes all its variables back over the others’;"
        " add output mappings, or switch propagateAllChildVariables off and collect the results.",
        "این فراخوان‌ها هم‌زمان‌اند و هر کدام همهٔ متغیرهایش را روی دیگران می‌نویسد؛ نگاشت خروجی"
        " بگذارید، یا propagateAllChildVariables را خاموش کنید و نتیجه‌ها را گرد آورید.",
    ),
    "stage.unknown": (
        "The stage “{stage}” is not in the process's list of stages.",
        "مرحلهٔ «{stage}» در فهرست مراحل فرایند نیست.",
    ),
    "stage.label": (
        "The stage “{stage}” has no label; add the property stage.{stage}.{language}.",
        "مرحلهٔ «{stage}» برچسب ندارد؛ ویژگی stage.{stage}.{language} را بگذارید.",
    ),
    "waits.unknown": (
        "The property waits is “customer” or “partner”, not “{text}”.",
        "ویژگی waits یا customer است یا partner، نه «{text}».",
    ),
}


def finding(
    rule: str,
    line: int,
    element: str,
    filename: str = "",
    *,
    warning: bool = False,
    **details: object,
) -> Finding:
    """The finding of a rule, its message filled in for both languages."""
    en, fa = _MESSAGES[rule]
    words = {"element": element, **details}
    return Finding(
        line=line,
        element=element,
        rule=rule,
        message={"fa": fa.format(**words), "en": en.format(**words)},
        severity="warning" if warning else "error",
        file=filename,
    )
