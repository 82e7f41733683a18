"""What a decision raises when its table contradicts itself at run time: a fault of the model."""

from __future__ import annotations

from typing import ClassVar

from bpmn.errors import BpmnError
from bpmn.model import Names


class DecisionError(BpmnError):
    """The decision has no lawful result."""

    persian: ClassVar[str] = "این تصمیم پاسخ درستی ندارد."

    def __init__(
        self, message: str = "", *, decision: str = "", rules: tuple[int, ...] = ()
    ) -> None:
        self.decision = decision
        """The name of the decision or the function whose table it was."""
        self.rules = rules
        """The numbers of the rules concerned, counted from one."""
        super().__init__(message)

    @property
    def messages(self) -> Names:
        """The sentence in Persian and English, with the decision and the rules."""
        place = f" (تصمیم «{self.decision}»" if self.decision else ""
        if place:
            place += f"، قاعده‌های {'، '.join(map(str, self.rules))})" if self.rules else ")"
        return {"en": str(self), "fa": f"{self.persian}{place}"}


class UniqueViolated(DecisionError):
    """More than one rule matches, and the table allows one at most."""

    persian = "بیش از یک قاعده جور شد، در حالی که جدول تنها یکی را می‌پذیرد."


class AnyViolated(DecisionError):
    """The rules that match give different outputs, and the table demands equal ones."""

    persian = "قاعده‌های جورشده پاسخ‌های گوناگون می‌دهند، در حالی که باید یکسان باشند."


class ValueNotAllowed(DecisionError):
    """A value is not among those that the table lists."""

    persian = "مقداری در فهرست مقدارهای مجاز جدول نیست."


class UnknownDecision(DecisionError):
    """The model has no decision of this id or name."""

    persian = "مدل چنین تصمیمی ندارد."
