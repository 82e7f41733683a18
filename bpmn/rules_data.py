"""The rules about data objects and associations: what is wrong and what to do.

Each entry is (English, its remedy, Persian, its remedy).
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str, str, str]] = {
    "data.store": (
        "A value cannot be copied from or to the data store “{name}”; a store is only drawn.",
        "Read and write it by a service task, or remove the named input or output.",
        "مقداری از انبار داده «{name}» یا به آن کپی نمی‌شود؛ انبار داده فقط کشیده می‌شود.",
        "با کار سرویس بخوانید و بنویسید، یا ورودی و خروجی نام‌دار را بردارید.",
    ),
    "data.several": (
        "An association with several sources cannot be followed.",
        "Say by a transformation (FEEL) what they give together, or use an input mapping.",
        "از پیوندی که چند مبدأ دارد پیروی نمی‌شود.",
        "با transformation (عبارت FEEL) بگویید با هم چه می‌دهند، یا نگاشت ورودی بنویسید.",
    ),
    "data.name": (
        "“{name}” is no variable, so no value can be copied.",
        "Give the data object, input or output a name of letters, digits and underscores, or"
        " write the copy as an input or output mapping.",
        "«{name}» متغیر نیست و مقداری کپی نمی‌شود.",
        "نام شیء داده، ورودی یا خروجی را با حرف، رقم و زیرخط بنویسید، یا کپی را در نگاشت ورودی"
        " یا خروجی بیاورید.",
    ),
}
