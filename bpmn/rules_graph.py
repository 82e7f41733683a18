"""What decision models are refused or warned for: how their decisions lean on each other.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "dmn.namespace": (
        "“{name}” is the namespace of no version of DMN.",
        "Save the model as DMN 1.1 to 1.6, whose namespaces begin with "
        "https://www.omg.org/spec/DMN/.",
        "«{name}» فضای نام هیچ نسخه‌ای از DMN نیست.",
        "مدل را به یکی از نسخه‌های ۱٫۱ تا ۱٫۶ از DMN ذخیره کنید.",
    ),
    "dmn.no-decision": (
        "The model holds functions alone, so no task can ask it for anything.",
        "Draw a decision, or keep the functions in the file that uses them.",
        "در این مدل تنها تابع هست و هیچ وظیفه‌ای نمی‌تواند از آن چیزی بپرسد.",
        "تصمیمی بکشید، یا تابع‌ها را در همان پرونده‌ای بیاورید که به کارشان می‌برد.",
    ),
    "dmn.unrequired-function": (
        "“{name}” is called, but the model does not say that it is required here, so the call "
        "always gives null.",
        "Draw a knowledge requirement from “{name}”.",
        "«{name}» فراخوانده می‌شود ولی وابستگی به آن کشیده نشده است و پاسخ همیشه null است.",
        "از «{name}» یک وابستگی دانش (knowledge requirement) بکشید.",
    ),
    "dmn.unrequired": (
        "“{name}” is a decision of this model, but the model does not say that it is required "
        "here, so it is not evaluated: a variable of the process of this name is taken, else null.",
        "Draw an information requirement from “{name}”, or name what is meant otherwise.",
        "«{name}» تصمیمی از همین مدل است ولی وابستگی به آن کشیده نشده است؛ پس ارزیابی نمی‌شود و "
        "متغیری از فرایند با این نام، وگرنه null، به جایش می‌نشیند.",
        "از «{name}» یک وابستگی (information requirement) بکشید، یا آنچه را منظور است نام دیگری "
        "بدهید.",
    ),
    "dmn.arguments": (
        "“{name}” takes {wanted}, but is given {given} here, which always gives null.",
        "Give it what it takes, each once.",
        "«{name}» {wanted} می‌گیرد ولی این‌جا {given} به آن داده شده و پاسخ همیشه null است.",
        "آنچه می‌گیرد به آن بدهید، هر کدام یک بار.",
    ),
    "dmn.result-type": (
        "{text} is {kind}, but the result is declared as {wanted}, so it is always null.",
        "Change the expression or the declared type.",
        "{text} {kind} است ولی نوع نتیجه {wanted} اعلام شده است و نتیجه همیشه null می‌شود.",
        "عبارت یا نوع اعلام‌شده را درست کنید.",
    ),
    "dmn.variable-name": (
        "“{name}” has a variable of another name: expressions know it as “{variable}” only.",
        "Give the variable the same name.",
        "متغیر «{name}» نام دیگری دارد: عبارت‌ها آن را تنها با نام «{variable}» می‌شناسند.",
        "به متغیر همان نام را بدهید.",
    ),
    "dmn.type-circle": (
        "The type “{name}” holds itself; what lies in the inner one is not checked.",
        "Remove one of the components of the circle, or leave it without a type.",
        "نوع «{name}» خودش را در بر دارد و آنچه در نوع درونی است بررسی نمی‌شود.",
        "یکی از جزءهای این حلقه را بردارید، یا بدون نوع بگذارید.",
    ),
    "dmn.service-output": (
        "The decision service has no output decision, so it can give nothing.",
        "Name one under outputDecision.",
        "این سرویس تصمیم هیچ تصمیم خروجی ندارد و چیزی نمی‌دهد.",
        "تصمیمی را در outputDecision نام ببرید.",
    ),
    "dmn.kind": (
        "“{name}” is required as {wanted_en}, but it is {kind_en}.",
        "Draw the requirement anew, so that it suits what is required.",
        "«{name}» به‌عنوان {wanted_fa} لازم شمرده شده ولی {kind_fa} است.",
        "وابستگی را از نو بکشید تا با آنچه لازم است جور باشد.",
    ),
    "dmn.name": (
        "The name “{name}” stands twice; whoever asks for it by name gets the first one.",
        "Give each a name of its own.",
        "نام «{name}» دو بار آمده است و هر که با نام بپرسد نخستین را می‌گیرد.",
        "به هر کدام نام خودش را بدهید.",
    ),
    "dmn.name-together": (
        "Two things of the name “{name}” are required here, and only the last can be read.",
        "Give each a name of its own.",
        "این‌جا دو چیز با نام «{name}» لازم‌اند و تنها آخری خواندنی است.",
        "به هر کدام نام خودش را بدهید.",
    ),
    "dmn.context-key": (
        "The entry “{name}” stands twice in one context; the first is lost.",
        "Give each entry a name of its own.",
        "«{name}» در یک context دو بار آمده است و نخستین از دست می‌رود.",
        "به هر کدام نام خودش را بدهید.",
    ),
}

WARNINGS = frozenset(
    (
        "dmn.no-decision",
        "dmn.unrequired",
        "dmn.variable-name",
        "dmn.type-circle",
        "dmn.kind",
        "dmn.arguments",
        "dmn.result-type",
        "dmn.name",
    )
)
