"""Walking through the tokens of one text, within the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bpmn.feel.errors import FeelSyntaxError
from bpmn.feel.lexer import Token, tokenise
from bpmn.feel.limits import MAX_CHAIN, MAX_DEPTH, MAX_PARSE_STEPS
from bpmn.feel.phrases import Phrase

Read = TypeVar("Read")


class TokenReader:
    """The place in one text."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenise(text)
        self.index = 0
        self.depth = 0
        self.steps = 0
        self.filters = True
        """Whether a ``[`` may open a filter here; at the end of a range it may close it."""

    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.index]

    def is_op(self, text: str, ahead: int = 0) -> bool:
        """Whether the next token is this sign."""
        token = self.tokens[min(self.index + ahead, len(self.tokens) - 1)]
        return token.kind == "op" and token.text == text

    def is_word(self, text: str) -> bool:
        """Whether the next token is this word."""
        return self.token.kind == "name" and self.token.text == text

    def take(self) -> Token:
        """Read one token."""
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def take_op(self, text: str) -> bool:
        """Read this sign if it is the next."""
        if self.is_op(text):
            self.index += 1
            return True
        return False

    def expect_op(self, *signs: str) -> Token:
        """Read one of these signs or fail."""
        if self.token.kind == "op" and self.token.text in signs:
            return self.take()
        raise self.fail("Expected {0}", " or ".join(signs))

    def expect_word(self, text: str) -> None:
        """Read this word or fail."""
        if not self.is_word(text):
            raise self.fail("Expected {0}", f"'{text}'")
        self.index += 1

    def expect_end(self) -> None:
        """Fail when anything is left."""
        if self.token.kind != "end":
            raise self.fail("Expected the end of the expression")

    def fail(self, text: str, *words: str) -> FeelSyntaxError:
        """The error that says what is wrong and names what stands here instead."""
        at_end = self.token.kind == "end"
        found = Phrase("the end") if at_end else repr(self.token.text[:40])
        expected = Phrase(text, words)
        return FeelSyntaxError("SYNTAX", self.token.start, "{0}, found {1}", expected, found)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Count one level of expressions inside one another."""
        self.depth += 1
        self.steps += 1
        if self.depth > MAX_DEPTH:
            raise FeelSyntaxError(
                "TOO_DEEP", self.token.start, "Expressions are nested deeper than {0}", MAX_DEPTH
            )
        if self.steps > MAX_PARSE_STEPS:
            raise FeelSyntaxError("TOO_COMPLEX", self.token.start, "The expression is too complex")
        filters, self.filters = self.filters, True
        try:
            yield
        finally:
            self.filters = filters
            self.depth -= 1

    def attempt(self, read: Callable[[], Read]) -> Read | None:
        """Read if it can be read, else go back to where it began."""
        index = self.index
        try:
            return read()
        except FeelSyntaxError as error:
            if error.code in ("TOO_DEEP", "TOO_COMPLEX"):
                raise
            self.index = index
            return None

    def declared_name(self, *stops: str) -> str:
        """A new name: the tokens up to a sign or a word that ends it, gaps as one space."""
        first = self.index
        while self.token.kind != "end" and self.token.text not in stops:
            if self.token.kind == "string" or self.index - first > MAX_CHAIN:
                break
            self.index += 1
        if self.index == first or self.tokens[first].kind != "name":
            raise self.fail("Expected a name")
        text = ""
        for token in self.tokens[first : self.index]:
            text += (" " if text and token.gap else "") + token.text
        return text
