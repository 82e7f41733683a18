"""The functions on lists."""

from __future__ import annotations

from bpmn.feel.reference.entry import entry

ENTRIES = {
    "list contains": entry(
        "Whether the list holds the element.", "آیا عضو در فهرست هست.",
        "list contains([1, 2, null], null)", 'list contains(["a"], "b")',
    ),
    "count": entry(
        "How many items.", "شمار عضوها.", "count([1, 2, 3])", "count([])", "count(null)",
    ),
    "min": entry(
        "The smallest item.", "کوچک‌ترین عضو.", "min([3, 1, 2])", 'min("b", "a")', "min([])",
    ),
    "max": entry(
        "The largest item.", "بزرگ‌ترین عضو.",
        "max(1, 2, 3)", 'max([@"2026-03-20", @"2026-03-21"])', 'max([1, "a"])',
    ),
    "sum": entry(
        "All numbers (or durations) added; null for an empty list.",
        "جمع عددها (یا مدت‌ها)؛ برای فهرست خالی null.",
        "sum([1, 2, 3])", 'sum([@"P1D", @"PT12H"])', "sum([])", "sum([1, null])",
    ),
    "mean": entry("The average.", "میانگین.", "mean([1, 2, 3, 4])", "mean([])"),
    "product": entry("All numbers multiplied.", "حاصل‌ضرب عددها.", "product([2, 3, 4])"),
    "median": entry(
        "The middle number, or the mean of the two in the middle.",
        "عدد میانی، یا میانگین دو عدد میانی.",
        "median(8, 2, 5, 3, 4)", "median([6, 1, 2, 3])",
    ),
    "stddev": entry(
        "The standard deviation of a sample.", "انحراف معیار نمونه.",
        "decimal(stddev([2, 4, 7, 5]), 3)", "stddev([1])",
    ),
    "mode": entry(
        "The numbers that occur most often, in order.", "عددهایی که بیش از همه آمده‌اند، به ترتیب.",
        "mode([6, 3, 9, 6, 6])", "mode([6, 1, 9, 6, 1])", "mode([])",
    ),
    "all": entry(
        "False if any item is false, else true if all are true, else null.",
        "اگر یکی نادرست باشد نادرست؛ اگر همه درست باشند درست؛ وگرنه null.",
        "all([true, true])", "all([true, null])", "all([false, null])", "all([])",
    ),
    "and": entry("The same as all.", "همان all.", "and([true, false])"),
    "any": entry(
        "True if any item is true, else false if all are false, else null.",
        "اگر یکی درست باشد درست؛ اگر همه نادرست باشند نادرست؛ وگرنه null.",
        "any([false, true])", "any([false, null])", "any([])",
    ),
    "or": entry("The same as any.", "همان any.", "or([true, false])"),
    "sublist": entry(
        "The items from a position on, so many if a length is given.",
        "عضوها از یک جایگاه به بعد، به شماری که طول می‌گوید.",
        "sublist([4, 5, 6], 2)", "sublist([4, 5, 6], -2, 1)", "sublist([4, 5, 6], 1, 9)",
    ),
    "append": entry(
        "The list with more items at its end.", "فهرست با عضوهای تازه در پایان.",
        "append([1], 2, 3)", "append([], null)",
    ),
    "concatenate": entry(
        "The items of several lists in one.", "عضوهای چند فهرست در یکی.",
        "concatenate([1, 2], [2, 3])",
    ),
    "union": entry(
        "The items of several lists, each once.", "عضوهای چند فهرست، هر کدام یک بار.",
        "union([1, 2], [2, 3])",
    ),
    "distinct values": entry(
        "Each item once.", "هر عضو یک بار.", "distinct values([1, 2, 1, null, null])",
    ),
    "duplicate values": entry(
        "The items that occur more than once.", "عضوهایی که بیش از یک بار آمده‌اند.",
        "duplicate values([1, 2, 1])",
    ),
    "insert before": entry(
        "The list with a new item before a position.", "فهرست با عضوی تازه پیش از یک جایگاه.",
        "insert before([1, 3], 2, 2)", "insert before([1, 3], 0, 2)",
    ),
    "remove": entry(
        "The list without the item at a position.", "فهرست بدون عضو یک جایگاه.",
        "remove([1, 2, 3], 2)", "remove([1], 5)",
    ),
    "list replace": entry(
        "The list with one item replaced, or all for which a function is true.",
        "فهرست با جایگزینی یک عضو، یا همهٔ عضوهایی که تابع برایشان درست است.",
        "list replace([2, 4, 7, 8], 3, 6)",
        "list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)",
    ),
    "reverse": entry("The items from last to first.", "عضوها از آخر به اول.", "reverse([1, 2, 3])"),
    "index of": entry(
        "The positions at which the match stands.", "جایگاه‌هایی که عضو در آن‌هاست.",
        "index of([1, 2, 3, 2], 2)", "index of([1], 9)",
    ),
    "flatten": entry(
        "The items of lists inside lists in one list.", "عضوهای فهرست‌های تودرتو در یک فهرست.",
        "flatten([[1, 2], [[3]], 4])",
    ),
    "partition": entry(
        "Lists of so many items each.", "فهرست‌هایی با شمار معین عضو.",
        "partition([1, 2, 3, 4, 5], 2)", "partition([1], 0)",
    ),
    "is empty": entry("Whether the list has no item.", "آیا فهرست خالی است.", "is empty([])"),
    "sort": entry(
        "The items in order, or in the order of a function that says which of two comes first.",
        "عضوها به ترتیب، یا به ترتیب تابعی که می‌گوید از دو عضو کدام پیش می‌آید.",
        "sort([3, 1, 2])", "sort([3, 1, 2], function(x, y) x > y)", 'sort([1, "a"])',
    ),
}  # fmt: skip
