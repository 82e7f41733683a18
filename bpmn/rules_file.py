"""The rules about a file as a whole: what is wrong, what to do, in English and Persian.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "file.unreadable": (
        "The file cannot be opened: {why}.",
        "Correct its name, or allow reading it.",
        "پرونده باز نمی‌شود: {why}.",
        "نامش را درست کنید یا اجازهٔ خواندن بدهید.",
    ),
    "file.not-regular": (
        "This is a pipe, a device or a socket, and no file.",
        "Save what it gives in a file, and name that.",
        "این پرونده نیست، بلکه لوله (pipe)، دستگاه یا سوکت است.",
        "آنچه را می‌دهد در پرونده‌ای ذخیره کنید و نام آن پرونده را بدهید.",
    ),
    "file.folder-empty": (
        "The folder holds no file ending in .bpmn, .dmn or .form.",
        "Name another folder, or the files themselves.",
        "در این پوشه هیچ پرونده‌ای با پسوند bpmn، dmn یا form نیست.",
        "پوشهٔ دیگری یا خود پرونده‌ها را نام ببرید.",
    ),
    "file.not-bpmn": (
        "This is not a BPMN 2.0 file: its root element is not bpmn:definitions.",
        "Export the diagram as BPMN 2.0 XML.",
        "این پرونده BPMN 2.0 نیست: ریشهٔ آن bpmn:definitions نیست.",
        "نمودار را به‌صورت BPMN 2.0 XML ذخیره کنید.",
    ),
    "file.too-many": (
        "The process has more than {limit} elements.",
        "Split it into several processes.",
        "این فرایند بیش از {limit} عنصر دارد.",
        "آن را به چند فرایند تقسیم کنید.",
    ),
    "file.too-many-flows": (
        "The process has more than {limit} sequence flows.",
        "Split it into several processes.",
        "این فرایند بیش از {limit} جریان دارد.",
        "آن را به چند فرایند تقسیم کنید.",
    ),
    "process.none": (
        "No process is marked as executable.",
        "Tick “Executable” on the process that shall run.",
        "هیچ فرایندی اجرایی نیست.",
        "گزینهٔ «Executable» را برای فرایندی که باید اجرا شود بزنید.",
    ),
    "process.several": (
        "More than one process is executable.",
        "Keep one executable process in a file, and move the others to files of their own.",
        "بیش از یک فرایند اجرایی است.",
        "در هر پرونده یک فرایند اجرایی نگه دارید و بقیه را به پرونده‌های جدا ببرید.",
    ),
    "process.unsaid": (
        "The file does not say that the process is executable; as its only process it is taken"
        " as such.",
        "Tick “Executable” on the process.",
        "پرونده نمی‌گوید که فرایند اجرایی است؛ چون تنها فرایند آن است، اجرایی گرفته می‌شود.",
        "گزینهٔ «Executable» را برای فرایند بزنید.",
    ),
    "id.duplicate": (
        "The id “{element}” is used twice; this is the second time.",
        "Give every element an id of its own.",
        "شناسهٔ «{element}» دو بار آمده است؛ این‌جا بار دوم است.",
        "به هر عنصر شناسهٔ خودش را بدهید.",
    ),
    "id.missing": (
        "An element of type {type} has no id.",
        "Give it an id that no other element has.",
        "عنصری از نوع {type} شناسه ندارد.",
        "شناسه‌ای به آن بدهید که عنصر دیگری ندارد.",
    ),
    "id.odd": (
        "The id “{element}” holds what no id of XML may hold.",
        "Use letters, digits, “_”, “-” and “.” only, and begin with a letter or “_”.",
        "شناسهٔ «{element}» چیزی دارد که در شناسه‌های XML نمی‌آید.",
        "فقط حرف، رقم، «_»، «-» و «.» به‌کار ببرید و با حرف یا «_» آغاز کنید.",
    ),
    "element.unsupported": (
        "Elements of type {type} are not supported.",
        "{hint_en}",
        "عنصر {type} پشتیبانی نمی‌شود.",
        "{hint_fa}",
    ),
    "element.attribute": (
        "“{name}” cannot be followed as it is written.",
        "Remove or correct it.",
        "از «{name}» به این صورت پیروی نمی‌شود.",
        "آن را بردارید یا درست کنید.",
    ),
    "element.misplaced": (
        "“{element}” stands inside a {holder} of the file, where no step may stand.",
        "Draw it again in the process or in a subprocess.",
        "«{element}» در پرونده درون {holder} است که جای هیچ گامی نیست.",
        "آن را دوباره در فرایند یا در زیرفرایند بکشید.",
    ),
    "element.foreign": (
        "“{name}” is no element of BPMN and stands outside bpmn:extensionElements, so it has no"
        " effect.",
        "Remove it, or put it into bpmn:extensionElements.",
        "«{name}» عنصر BPMN نیست و بیرون از bpmn:extensionElements آمده؛ پس اثری ندارد.",
        "آن را بردارید یا به bpmn:extensionElements ببرید.",
    ),
    "extension.unknown": (
        "The extension “{name}” is not followed by the engine.",
        "Remove it.",
        "موتور از افزونهٔ «{name}» پیروی نمی‌کند.",
        "آن را بردارید.",
    ),
    "extension.here": (
        "“zeebe:{name}” would be ignored on an element of type {type}.",
        "{hint_en}",
        "«zeebe:{name}» روی عنصر از نوع {type} نادیده می‌ماند.",
        "{hint_fa}",
    ),
    "extension.idle": (
        "“zeebe:{name}” has no effect on an element of type {type}.",
        "{hint_en}",
        "«zeebe:{name}» روی عنصر از نوع {type} اثری ندارد.",
        "{hint_fa}",
    ),
    "extension.vendor": (
        "“{name}” is made for {vendor} and would have no effect here.",
        "{hint_en}",
        "«{name}» برای {vendor} است و این‌جا اثری ندارد.",
        "{hint_fa}",
    ),
    "extension.meant": (
        "“{name}” is made for {vendor} and has no effect here.",
        "{hint_en}",
        "«{name}» برای {vendor} است و این‌جا اثری ندارد.",
        "{hint_fa}",
    ),
    "extension.ignored": (
        "What other tools wrote into this file has no effect here: {names}.",
        "Nothing needs to be done if it only concerns the drawing.",
        "آن‌چه ابزارهای دیگر در این پرونده نوشته‌اند این‌جا اثری ندارد: {names}.",
        "اگر فقط دربارهٔ شکل نمودار است، کاری لازم نیست.",
    ),
    "pool.process": (
        "The pool refers to the process “{process}”, which the file does not hold.",
        "Correct the reference, or remove it for a pool that is a black box.",
        "این استخر به فرایند «{process}» اشاره می‌کند که در پرونده نیست.",
        "اشاره را درست کنید یا برای استخرِ بسته آن را بردارید.",
    ),
    "pool.shared": (
        "Another pool shows the process “{process}” already.",
        "Let each pool have a process of its own.",
        "استخر دیگری همین فرایند «{process}» را نشان می‌دهد.",
        "به هر استخر فرایند خودش را بدهید.",
    ),
    "pool.message-dangling": (
        "The message flow leads from “{source}” to “{target}”, but the file does not hold both.",
        "Connect both of its ends, or remove it.",
        "جریان پیام از «{source}» به «{target}» می‌رود، ولی هر دو در پرونده نیستند.",
        "هر دو سر آن را وصل کنید یا آن را بردارید.",
    ),
    "pool.message-inside": (
        "A message flow may not stay inside one pool.",
        "Use a sequence flow inside a pool, and message flows between pools.",
        "جریان پیام درون یک استخر نمی‌ماند.",
        "درون استخر جریان توالی و میان استخرها جریان پیام بکشید.",
    ),
    "pool.message-end": (
        "A message flow cannot lead from “{source}” to “{target}”: one of them cannot send or"
        " receive messages.",
        "Let it begin at a pool, a task, a subprocess or a throwing message event, and end at a"
        " pool, a task, a subprocess or a catching message event.",
        "جریان پیام از «{source}» به «{target}» ممکن نیست: یکی از آن‌ها پیام نمی‌فرستد یا نمی‌گیرد.",
        "از استخر، کار، زیرفرایند یا رویداد پیامِ فرستنده آغاز و به استخر، کار، زیرفرایند یا"
        " رویداد پیامِ گیرنده ختم شود.",
    ),
    "pool.message-event": (
        "The message flow is tied to the event “{event}”, which has no message.",
        "Give the event a message, or tie the flow to a task or a pool.",
        "این جریان پیام به رویداد «{event}» بسته است که پیامی ندارد.",
        "به رویداد پیام بدهید یا جریان را به کار یا استخر ببندید.",
    ),
    "lane.unknown": (
        "The lane holds “{node}”, which this process does not have.",
        "Remove the flowNodeRef, or correct it.",
        "این lane عنصر «{node}» را دارد که در این فرایند نیست.",
        "این flowNodeRef را بردارید یا درست کنید.",
    ),
    "lane.twice": (
        "“{node}” lies in another lane already, so it is not clear who does it.",
        "Keep it in one lane.",
        "«{node}» در lane دیگری هم هست؛ پس روشن نیست کار کیست.",
        "آن را در یک lane نگه دارید.",
    ),
    "association.dangling": (
        "The association leads from “{source}” to “{target}”, but the file does not hold both.",
        "Connect both of its ends, or remove it.",
        "این پیوند از «{source}» به «{target}» می‌رود، ولی هر دو در پرونده نیستند.",
        "هر دو سر آن را وصل کنید یا آن را بردارید.",
    ),
    "reference.missing": (
        "{attribute} refers to “{target}”, which the file does not declare as {type}.",
        "Declare it at the top of the file, or choose one that is declared.",
        "{attribute} به «{target}» اشاره می‌کند که در پرونده به‌عنوان {type} تعریف نشده است.",
        "آن را در آغاز پرونده تعریف کنید یا یکی از تعریف‌شده‌ها را برگزینید.",
    ),
    "text.too-long": (
        "{what}: this is more than the {limit} that can be stored.",
        "Make it shorter.",
        "{what}: این بیش از {limit} است که نگه داشته می‌شود.",
        "کوتاهش کنید.",
    ),
}
