"""The rules about decision models as they are read: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy). What is said of whole tables stands in
``rules_tables.py``.
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "dmn.root": (
        "This is no decision model: its root element is not dmn:definitions.",
        "Export the table as DMN XML.",
        "این پرونده مدل تصمیم نیست: ریشهٔ آن dmn:definitions نیست.",
        "جدول را به‌صورت DMN XML ذخیره کنید.",
    ),
    "dmn.empty": (
        "The model holds no decision.",
        "Draw a decision with a table or an expression in it.",
        "در این مدل تصمیمی نیست.",
        "تصمیمی با جدول یا عبارت در آن بکشید.",
    ),
    "dmn.id": (
        "The id “{name}” stands twice.",
        "Give every element an id of its own.",
        "شناسهٔ «{name}» دو بار آمده است.",
        "به هر عنصر شناسهٔ خودش را بدهید.",
    ),
    "dmn.import": (
        "The imported model is not at hand.",
        "Copy what is needed of it into this file.",
        "مدل واردشده در دسترس نیست.",
        "آنچه از آن لازم است در همین پرونده بیاورید.",
    ),
    "dmn.too-deep": (
        "Expressions are boxed too deep inside one another.",
        "Make a decision of its own of an inner one, and require it.",
        "تودرتویی عبارت‌ها بیش از اندازه است.",
        "یکی از عبارت‌های درونی را تصمیمی جدا کنید و به آن وابسته شوید.",
    ),
    "dmn.logic": (
        "The decision has no logic; its value must be given.",
        "Give it a table or an expression, or draw it as input data.",
        "این تصمیم منطقی ندارد و مقدارش باید داده شود.",
        "جدول یا عبارتی به آن بدهید، یا آن را دادهٔ ورودی بکشید.",
    ),
    "dmn.function-logic": (
        "The function has no logic.",
        "Give it an expression under its encapsulated logic.",
        "این تابع منطقی ندارد.",
        "عبارتی در encapsulatedLogic آن بنویسید.",
    ),
    "dmn.reference": (
        "What it requires does not exist: {name}.",
        "Draw it, or remove the requirement.",
        "آنچه لازم دارد در مدل نیست: {name}.",
        "آن را بکشید یا وابستگی را بردارید.",
    ),
    "dmn.circle": (
        "The decision requires itself.",
        "Remove one of the requirements of the circle.",
        "این تصمیم به خودش وابسته است.",
        "یکی از وابستگی‌های این حلقه را بردارید.",
    ),
    "dmn.language": (
        "Only FEEL is supported, not {language}.",
        "Write the expression in FEEL, and remove the expression language.",
        "تنها زبان FEEL پذیرفته می‌شود، نه {language}.",
        "عبارت را به FEEL بنویسید و expressionLanguage را بردارید.",
    ),
    "dmn.expression-empty": (
        "The expression is empty, so it gives null.",
        "Write one, or null itself.",
        "عبارت خالی است و مقدارش null می‌شود.",
        "عبارتی بنویسید، یا خودِ null را.",
    ),
    "dmn.external": (
        "Functions in Java or PMML are never run.",
        "Write the function in FEEL.",
        "تابع‌های جاوا یا PMML اجرا نمی‌شوند.",
        "تابع را به FEEL بنویسید.",
    ),
    "dmn.type": (
        "There is no type “{name}”, so its values are not checked.",
        "Define it as an item definition, or correct the name.",
        "نوع «{name}» تعریف نشده است و مقدارهای آن بررسی نمی‌شود.",
        "آن را با itemDefinition تعریف کنید یا نام را درست کنید.",
    ),
    "dmn.feel": (
        "{where_en}The expression cannot be read: {why_en}",
        "Correct the expression.",
        "{where_fa}عبارت خوانده نمی‌شود: {why_fa}",
        "عبارت را درست کنید.",
    ),
    "dmn.unknown-function": (
        "There is no function “{name}”.",
        "Correct its name (the page about FEEL lists all functions), or define the function in "
        "this model and require it.",
        "تابعی با نام «{name}» نیست.",
        "نام آن را درست کنید (همهٔ تابع‌ها در صفحهٔ FEEL آمده‌اند)، یا تابع را در همین مدل تعریف "
        "کنید و به آن وابسته شوید.",
    ),
    "dmn.hit-policy": (
        "There is no hit policy “{name}”.",
        "Use UNIQUE, ANY, PRIORITY, FIRST, RULE ORDER, OUTPUT ORDER or COLLECT.",
        "سیاست برخورد «{name}» وجود ندارد.",
        "یکی از UNIQUE، ANY، PRIORITY، FIRST، RULE ORDER، OUTPUT ORDER یا COLLECT را برگزینید.",
    ),
    "dmn.aggregation": (
        "There is no aggregation “{name}”.",
        "Use SUM, MIN, MAX or COUNT.",
        "روش تجمیع «{name}» وجود ندارد.",
        "یکی از SUM، MIN، MAX یا COUNT را برگزینید.",
    ),
    "dmn.aggregation-several": (
        "Only one output column can be aggregated.",
        "Keep one output column, or use COUNT or none.",
        "تنها یک ستون خروجی را می‌توان تجمیع کرد.",
        "یک ستون خروجی نگه دارید، یا COUNT را برگزینید یا تجمیع را بردارید.",
    ),
    "dmn.aggregation-type": (
        "SUM adds numbers up, but the output is of another type.",
        "Make the output a number, or collect a list without an aggregation.",
        "SUM عددها را جمع می‌زند، ولی خروجی از نوع دیگری است.",
        "خروجی را عدد کنید، یا بدون تجمیع فهرستی گرد آورید.",
    ),
    "dmn.aggregation-policy": (
        "Only the hit policy COLLECT aggregates.",
        "Choose COLLECT, or remove the aggregation.",
        "تنها سیاست COLLECT تجمیع می‌کند.",
        "COLLECT را برگزینید یا تجمیع را بردارید.",
    ),
    "dmn.input": (
        "The input column has no expression.",
        "Write which value it looks at, or remove the column.",
        "ستون ورودی عبارتی ندارد.",
        "بنویسید کدام مقدار را می‌سنجد، یا ستون را بردارید.",
    ),
    "dmn.output": (
        "The table has no output column.",
        "Add one.",
        "جدول ستون خروجی ندارد.",
        "ستونی بیفزایید.",
    ),
    "dmn.output-name": (
        "Every output column needs a name of its own.",
        "Name each of them, no two alike.",
        "هر ستون خروجی باید نام خودش را داشته باشد.",
        "به هر کدام نامی جدا بدهید.",
    ),
    "dmn.output-values": (
        "The hit policy {policy} needs the list of output values in their order.",
        "List the values of an output, the most important first, or choose another policy.",
        "سیاست {policy} به فهرست مقدارهای خروجی به ترتیب اولویت نیاز دارد.",
        "مقدارهای یک خروجی را از مهم‌ترین بنویسید، یا سیاست دیگری برگزینید.",
    ),
    "dmn.rule": (
        "Rule {number} does not have a cell for every column.",
        "Give it one for each input and output; “-” lets everything pass.",
        "قاعدهٔ {number} برای همهٔ ستون‌ها خانه ندارد.",
        "برای هر ورودی و خروجی خانه‌ای بگذارید؛ «-» همه را می‌پذیرد.",
    ),
}

WARNINGS = frozenset(("dmn.logic", "dmn.expression-empty", "dmn.type"))
