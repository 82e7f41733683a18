"""The rules about flows, gateways and subprocesses: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "flow.dangling": (
        "The sequence flow leads from “{source}” to “{target}”, but one of them is missing.",
        "Connect both of its ends, or remove it.",
        "این جریان از «{source}» به «{target}» می‌رود، ولی یکی از آن‌ها وجود ندارد.",
        "هر دو سر آن را وصل کنید یا آن را بردارید.",
    ),
    "flow.end-wrong": (
        "A sequence flow cannot begin or end at “{node}”, which is {type}.",
        "Let it lead between tasks, gateways, events and subprocesses.",
        "جریان توالی در «{node}» که {type} است آغاز یا پایان نمی‌یابد.",
        "آن را میان کارها، دروازه‌ها، رویدادها و زیرفرایندها بکشید.",
    ),
    "flow.crosses-pool": (
        "A sequence flow may not lead into another pool.",
        "Use a message flow, with a message that one side sends and the other awaits.",
        "جریان توالی به استخر دیگر نمی‌رود.",
        "جریان پیام بکشید: یک سو پیام می‌فرستد و سوی دیگر منتظرش می‌ماند.",
    ),
    "flow.crosses": (
        "A sequence flow may not cross the border of a subprocess.",
        "Lead it to the subprocess's end, or use a boundary event.",
        "جریان از مرز زیرفرایند نمی‌گذرد.",
        "آن را به پایان زیرفرایند برسانید یا از رویداد مرزی استفاده کنید.",
    ),
    "flow.misplaced": (
        "The sequence flow stands in “{holder}”, but what it connects lies in “{level}”.",
        "Move the flow to the level of what it connects.",
        "این جریان در «{holder}» آمده، ولی آن‌چه وصل می‌کند در «{level}» است.",
        "جریان را به همان سطحِ عنصرهایش ببرید.",
    ),
    "flow.disagrees": (
        "The element lists the flow “{flow}” as {direction}, but that flow does not say so.",
        "Remove the line, or connect the flow to this element.",
        "این عنصر جریان «{flow}» را {direction} خود می‌داند، ولی آن جریان چنین نمی‌گوید.",
        "این سطر را بردارید یا جریان را به این عنصر وصل کنید.",
    ),
    "flow.into-start": (
        "No sequence flow may lead into a start or boundary event.",
        "Lead the flow to the step after it.",
        "هیچ جریانی به رویداد آغاز یا رویداد مرزی نمی‌رسد.",
        "جریان را به گام پس از آن برسانید.",
    ),
    "flow.from-end": (
        "No sequence flow may leave an end event.",
        "Remove the flow, or draw an intermediate event in place of the end.",
        "هیچ جریانی از رویداد پایان بیرون نمی‌رود.",
        "جریان را بردارید یا به‌جای پایان، رویداد میانی بکشید.",
    ),
    "flow.none-in": (
        "Nothing leads to this element, so it never runs.",
        "Connect it, or remove it.",
        "هیچ جریانی به این عنصر نمی‌رسد و هرگز اجرا نمی‌شود.",
        "وصلش کنید یا بردارید.",
    ),
    "flow.unreached": (
        "No way leads here from a beginning: what leads to this element is never reached itself.",
        "Lead a flow here from a step that is reached, or remove the element with what leads to"
        " it.",
        "هیچ راهی از آغاز به این‌جا نمی‌رسد: آن‌چه به این عنصر می‌رسد خودش هرگز اجرا نمی‌شود.",
        "از گامی که اجرا می‌شود جریانی به این‌جا بکشید، یا عنصر و آن‌چه را به آن می‌رسد بردارید.",
    ),
    "flow.none-out": (
        "Nothing follows this element.",
        "Lead it to an end event.",
        "پس از این عنصر چیزی نیست.",
        "آن را به یک رویداد پایان برسانید.",
    ),
    "flow.condition-missing": (
        "The flow “{flow}” has no condition, and is not the default flow.",
        "Write a condition, or mark it as the default flow.",
        "جریان «{flow}» شرط ندارد و پیش‌فرض هم نیست.",
        "برایش شرط بنویسید یا آن را پیش‌فرض کنید.",
    ),
    "flow.condition-ignored": (
        "The condition of the flow “{flow}” would have no effect here.",
        "Remove it, or draw an exclusive or inclusive gateway.",
        "شرط جریان «{flow}» این‌جا اثری ندارد.",
        "آن را بردارید یا دروازهٔ انحصاری یا فراگیر بکشید.",
    ),
    "flow.condition-not-feel": (
        "The condition of the flow “{flow}” is not a FEEL expression.",
        "Write it in FEEL with a leading “=”, such as =amount > 100.",
        "شرط جریان «{flow}» عبارت FEEL نیست.",
        "آن را به FEEL و با «=» در آغاز بنویسید، مانند =amount > 100.",
    ),
    "flow.default-wrong": (
        "The default flow “{flow}” does not leave this element.",
        "Choose one of the flows that leave it.",
        "جریان پیش‌فرض «{flow}» از این عنصر بیرون نمی‌رود.",
        "یکی از جریان‌هایی را که از آن بیرون می‌روند برگزینید.",
    ),
    "flow.default-here": (
        "This element does not choose between its flows, so it has no default flow.",
        "Remove the default mark, or draw an exclusive or inclusive gateway.",
        "این عنصر میان جریان‌هایش انتخاب نمی‌کند؛ پس جریان پیش‌فرض ندارد.",
        "نشان پیش‌فرض را بردارید یا دروازهٔ انحصاری یا فراگیر بکشید.",
    ),
    "flow.default-never": (
        "The default flow “{flow}” is never taken: another flow without condition always is.",
        "Give the other flows conditions, or remove the default mark.",
        "جریان پیش‌فرض «{flow}» هرگز پیموده نمی‌شود: جریان دیگری بی‌شرط همیشه پیموده می‌شود.",
        "برای جریان‌های دیگر شرط بنویسید یا نشان پیش‌فرض را بردارید.",
    ),
    "flow.default-condition": (
        "The default flow “{flow}” also has a condition.",
        "Remove one of the two.",
        "جریان پیش‌فرض «{flow}» شرط هم دارد.",
        "یکی از این دو را بردارید.",
    ),
    "flow.no-default": (
        "No default flow: when no condition holds, the process stops here with a fault.",
        "Mark the flow that is taken otherwise as the default flow.",
        "جریان پیش‌فرض ندارد: اگر هیچ شرطی برقرار نباشد، فرایند همین‌جا با خطا می‌ایستد.",
        "جریانی را که در غیر این صورت پیموده می‌شود پیش‌فرض کنید.",
    ),
    "gateway.direction": (
        "The gateway is marked as {direction}, but {incoming} flows come in and {outgoing} go out.",
        "Correct or remove gatewayDirection, or draw two gateways: one that joins, one that"
        " splits.",
        "این دروازه {direction} نامیده شده، ولی {incoming} جریان به آن می‌رسد و {outgoing} جریان"
        " از آن می‌رود.",
        "gatewayDirection را درست کنید یا بردارید، یا دو دروازه بکشید: یکی برای پیوستن و یکی برای"
        " جدا شدن.",
    ),
    "gateway.event-target": (
        "Behind an event-based gateway only receive tasks and events may stand that wait for a"
        " message, signal, timer or condition; “{target}” is something else.",
        "Put an intermediate catch event between the gateway and “{target}”.",
        "پس از دروازهٔ رویدادی فقط receive task یا رویداد گیرندهٔ پیام، سیگنال، زمان یا شرط می‌آید؛"
        " «{target}» چیز دیگری است.",
        "میان دروازه و «{target}» یک رویداد میانی گیرنده بگذارید.",
    ),
    "gateway.event-shared": (
        "“{target}” waits behind an event-based gateway, but another flow leads to it as well.",
        "Keep the flow from the gateway only; draw an event of its own for the other flow.",
        "«{target}» پس از دروازهٔ رویدادی منتظر است، ولی جریان دیگری هم به آن می‌رسد.",
        "فقط جریان دروازه را نگه دارید؛ برای جریان دیگر رویداد جداگانه بکشید.",
    ),
    "gateway.event-rich": (
        "“{target}” stands behind an event-based gateway, where loops, input mappings and boundary"
        " events have no effect.",
        "Remove them from “{target}”, or put a message catch event between it and the gateway.",
        "«{target}» پس از دروازهٔ رویدادی است؛ آن‌جا تکرار، نگاشت ورودی و رویداد مرزی اثری ندارد.",
        "آن‌ها را از «{target}» بردارید یا میان آن و دروازه رویداد گیرندهٔ پیام بگذارید.",
    ),
    "gateway.event-few": (
        "An event-based gateway needs at least two events behind it.",
        "Draw the other event, or replace the gateway by the event alone.",
        "دروازهٔ رویدادی دست‌کم دو رویداد پس از خود می‌خواهد.",
        "رویداد دیگر را بکشید یا به‌جای دروازه فقط رویداد را نگه دارید.",
    ),
    "gateway.event-mixed": (
        "Behind one event-based gateway there may be message events or receive tasks, not both.",
        "Draw all of them as message catch events, or all as receive tasks.",
        "پس از یک دروازهٔ رویدادی یا رویداد پیام می‌آید یا receive task، نه هر دو.",
        "همه را رویداد گیرندهٔ پیام یا همه را receive task بکشید.",
    ),
    "subprocess.start": (
        "A subprocess may have one start event only.",
        "Keep one start event without trigger inside it.",
        "زیرفرایند فقط یک رویداد آغاز دارد.",
        "درون آن یک رویداد آغاز بی‌محرک نگه دارید.",
    ),
    "subprocess.no-start": (
        "Nothing begins the subprocess: it is empty, or every element in it has a flow into it.",
        "Draw a start event inside it, and lead it to the first step.",
        "چیزی این زیرفرایند را آغاز نمی‌کند: خالی است یا به هر عنصرش جریانی می‌رسد.",
        "درون آن رویداد آغاز بکشید و به نخستین گام برسانید.",
    ),
    "subprocess.event-start": (
        "An event subprocess needs exactly one start event, with a trigger.",
        "Keep one start event inside it, and give it a message, timer, signal, error, escalation or"
        " condition.",
        "زیرفرایند رویدادی درست یک رویداد آغاز با محرک می‌خواهد.",
        "درون آن یک رویداد آغاز نگه دارید و به آن پیام، زمان‌سنج، سیگنال، خطا، تشدید یا شرط بدهید.",
    ),
    "subprocess.event-kind": (
        "A transaction or an ad-hoc subprocess cannot be an event subprocess as well.",
        "Draw a plain event subprocess, and the transaction or the ad-hoc subprocess inside it.",
        "تراکنش و زیرفرایند آزاد (ad-hoc) نمی‌توانند زیرفرایند رویدادی هم باشند.",
        "زیرفرایند رویدادی ساده‌ای بکشید و تراکنش یا زیرفرایند آزاد را درون آن بگذارید.",
    ),
    "subprocess.event-flows": (
        "An event subprocess has no sequence flows, boundary events, loops or mappings of its own.",
        "Remove them; its start event is what begins it.",
        "زیرفرایند رویدادی خودش جریان، رویداد مرزی، تکرار یا نگاشت ندارد.",
        "آن‌ها را بردارید؛ رویداد آغازش آن را آغاز می‌کند.",
    ),
    "subprocess.trigger": (
        "The start event inside a subprocess has no trigger.",
        "Remove the trigger, or mark the subprocess as an event subprocess.",
        "رویداد آغازِ درون زیرفرایند محرک ندارد.",
        "محرک را بردارید یا زیرفرایند را رویدادی کنید.",
    ),
}
