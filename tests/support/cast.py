"""The cast: the people that tests speak of, in the groups that the shipped diagrams name."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache

from argon2 import PasswordHasher

PASSWORD = "a-long-password"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As strong as a test needs: real hashes take 50 ms each."""

PEOPLE: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "narges": ("نرگس", "Narges", ("intake",), ("staff",)),
    "omid": ("امید", "Omid", ("intake",), ("staff",)),
    "sara": ("سارا", "Sara", ("complaints",), ("staff",)),
    "reza": ("رضا", "Reza", ("complaints",), ("staff",)),
    "leila": ("لیلا", "Leila", ("complaints",), ("staff",)),
    "babak": ("بابک", "Babak", ("quality",), ("staff",)),
    "mina": ("مینا", "Mina", ("quality",), ("staff",)),
    "nasim": ("نسیم", "Nasim", ("fulfilment", "servicedesk"), ("staff",)),
    "peyman": ("پیمان", "Peyman", ("purchasing",), ("staff",)),
    "kaveh": ("کاوه", "Kaveh", ("infrastructure", "applications"), ("staff",)),
    "hossein": ("حسین", "Hossein", ("directors",), ("staff", "manager")),
    "maryam": ("مریم", "Maryam", ("managers",), ("staff", "manager")),
    "neda": ("ندا", "Neda", ("servicedesk",), ("staff",)),
    "kian": ("کیان", "Kian", ("infrastructure",), ("staff",)),
    "arash": ("آرش", "Arash", ("applications",), ("staff",)),
    "admin": ("مدیر سامانه", "Administrator", (), ("administrator",)),
    "partner": ("سامانهٔ همکار", "Partner system", (), ("integration",)),
}
"""By login: the name in Persian and English, groups, roles."""

BORN = datetime(2026, 1, 1, tzinfo=UTC)


def token_of(login: str) -> str:
    """The API token that everybody of the cast has from the beginning."""
    return f"pgr_test_{login}"


def add_cast() -> None:
    """Puts the people, their tokens and what comes with the product into an empty database. They
    were always there: the history begins with what a test does."""
    from sqlalchemy import delete

    from app.db import session
    from app.models import ApiToken, Event
    from app.services.accounts import people
    from app.services.deployment import shipped

    shipped.install(BORN)
    for login, (fa, en, groups, roles) in PEOPLE.items():
        user = people.add_user(login, {"fa": fa, "en": en}, BORN, roles=roles, groups=groups)
        user.password_hash = _password_hash()
        digest = hashlib.sha256(token_of(login).encode()).hexdigest()
        session().add(ApiToken(user=user, name="test", sha256=digest, created_at=BORN))
    session().execute(delete(Event))


@cache
def _password_hash() -> str:
    return QUICK_HASHER.hash(PASSWORD)
