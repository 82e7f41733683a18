"""The cast: the people that tests speak of, in the groups that the shipped diagrams name."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from argon2 import PasswordHasher
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

PASSWORD = "a-long-password"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As strong as a test needs: real hashes take 50 ms each."""

GROUPS = {
    "intake": {"fa": "پذیرش", "en": "Intake"},
    "complaints": {"fa": "شکایت‌ها", "en": "Complaints handling"},
    "quality": {"fa": "کیفیت", "en": "Quality"},
    "managers": {"fa": "مدیران", "en": "Managers"},
}

PEOPLE: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "narges": ("نرگس", "Narges", ("intake",), ("staff",)),
    "omid": ("امید", "Omid", ("intake",), ("staff",)),
    "sara": ("سارا", "Sara", ("complaints",), ("staff",)),
    "reza": ("رضا", "Reza", ("complaints",), ("staff",)),
    "leila": ("لیلا", "Leila", ("complaints",), ("staff",)),
    "babak": ("بابک", "Babak", ("quality",), ("staff",)),
    "mina": ("مینا", "Mina", ("quality",), ("staff",)),
    "maryam": ("مریم", "Maryam", ("managers",), ("staff", "manager")),
    "admin": ("مدیر سامانه", "Administrator", (), ("administrator",)),
    "partner": ("سامانهٔ همکار", "Partner system", (), ("integration",)),
}
"""By login: the name in Persian and English, groups, roles."""

BORN = datetime(2026, 1, 1, tzinfo=UTC)


def token_of(login: str) -> str:
    """The API token that everybody of the cast has from the beginning."""
    return f"pgr_test_{login}"


def add_cast(url: str) -> None:
    """Puts the groups, people and tokens into the database of this address."""
    from app.models import ApiToken, Group, User

    password_hash = QUICK_HASHER.hash(PASSWORD)
    engine = create_engine(url)
    with Session(engine) as session, session.begin():
        groups = {key: Group(key=key, names=names) for key, names in GROUPS.items()}
        session.add_all(groups.values())
        for login, (fa, en, keys, roles) in PEOPLE.items():
            user = User(
                login=login,
                names={"fa": fa, "en": en},
                password_hash=password_hash,
                roles=list(roles),
                preferences={},
                is_active=True,
                session_epoch=0,
                created_at=BORN,
                groups=[groups[key] for key in keys],
            )
            digest = hashlib.sha256(token_of(login).encode()).hexdigest()
            session.add(ApiToken(user=user, name="test", sha256=digest, created_at=BORN))
    engine.dispose()
