"""What a decision raises when its table contradicts itself at run time: a fault of the model."""

from __future__ import annotations

from bpmn.errors import BpmnError


class DecisionError(BpmnError):
    """The decision has no lawful result."""

    def __init__(
        self, message: str = "", *, decision: str = "", rules: tuple[int, ...] = ()
    ) -> None:
        self.decision = decision
        """The id of the decision or the function whose table it was."""
        self.rules = rules
        """The numbers of the rules that clash, counted from one."""
        super().__init__(message)


class UniqueViolated(DecisionError):
    """More than one rule matches, and the table allows one at most."""


class AnyViolated(DecisionError):
    """The rules that match give different outputs, and the table demands equal ones."""


class ValueNotAllowed(DecisionError):
    """A value is not among those that the table lists."""


class UnknownDecision(DecisionError):
    """The model has no decision of this id or name."""
