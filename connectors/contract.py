"""What every kind of connector is: one class that the worker, the settings page, the modeler's
element template, the command line and the documentation are all made from.

A kind knows neither the database nor the web. It takes an :class:`Order` and the options of a
channel, and returns an :class:`Answer` or raises one of the three families of
:mod:`connectors.errors`, which say what happens next.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Literal, Protocol

from marshmallow import RAISE, Schema

Ability = Literal["send", "call", "report", "receive", "ask"]
"""What a kind can do: ``send`` a message to a person, ``call`` a system and get its answer,
understand a delivery ``report``, ``receive`` messages, ``ask`` after a sending by our id."""

Texts = Mapping[str, str]
"""The same words under ``en`` and ``fa``."""

Repeats = Literal["repeat", "ask", "hold"]
"""What to do when nobody can tell whether the partner took an order: send it again under the
same reference, ask the partner by that reference first, or leave it to a person."""

PRIVATE = "private_partners"
"""The option that lists private networks a channel may reach, such as ``10.1.0.0/16:8443``. A
kind that declares it also gets those that the administrator of the machine has allowed."""


REFRESH_TOKEN = "refresh_token"  # noqa: S105  # The name of an option.
"""The secret option that holds a refresh token of OAuth 2.0, which partners may replace."""
TOKEN_KEEPER = "token_keeper"  # noqa: S105  # As above.
"""Under this name the options of a channel with such a token hold who keeps it, see
:class:`connectors.oauth.Keeper`."""


@dataclass(frozen=True)
class Input:
    """One thing that a service task gives to its connector: the target of an input mapping."""

    name: str
    label: Texts
    help: Texts = field(default_factory=dict)
    required: bool = False
    kind: Literal["text", "feel", "choice"] = "text"
    """``text`` may be written as it is or as FEEL, ``feel`` must be FEEL, ``choice`` is one of
    ``choices``."""
    default: str | None = None
    choices: Mapping[str, Texts] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """What is to be sent or asked, in the words of the application; the same at every attempt
    but for ``attempt``."""

    reference: str
    """Our id and the idempotency key that the partner sees: letters, digits, ``.``, ``_``,
    ``-``."""
    written_at: datetime
    """With a time zone."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON values, by the names of the kind's inputs."""
    to: str = ""
    name: str = ""
    """The person's name, where one is written to."""
    subject: str = ""
    body: str = ""
    language: str = "fa"
    organisation: str = ""
    """Of a letter: in whose name it is written, in its language."""
    answers_to: str = ""
    """Of a letter: the mailbox that answers prove by, where one receives."""
    failures_to: str = ""
    """Of a letter: the mailbox that failures of this very one come to."""
    unsubscribe: str = ""
    """Of a letter to many: the web address that ends such letters by one POST (RFC 8058)."""
    attempt: int = 1


@dataclass(frozen=True)
class Answer:
    """The partner took the order over."""

    id: str | None = None
    """The partner's own id of it."""
    words: str = ""
    """One short line for people."""
    result: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: the task's result, which its output mappings see."""
    cost: Decimal | None = None
    currency: str | None = None
    """ISO 4217, or the word the gateway uses."""
    final: bool = True
    """False when it is only taken over and a report comes later."""


@dataclass(frozen=True)
class Report:
    """What became of one message later on."""

    state: Literal["delivered", "failed", "unknown"]
    id: str | None = None
    """The partner's id of the message; either this or our ``reference`` is given."""
    reference: str | None = None
    words: str = ""
    cost: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Inbound:
    """One message that came in."""

    id: str
    """The partner's id of it: the same message fetched twice has the same."""
    sender: str
    recipient: str
    body: str
    subject: str = ""
    raw: bytes = b""
    """As it came, where that is kept."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """JSON values of the kind's own, such as the number of a part."""


@dataclass(frozen=True)
class Hook:
    """What a partner sent to our address by HTTP."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Document:
    """A file that an administrator has given a channel, such as a WSDL: checked and kept."""

    digest: str
    """64 hexadecimal digits; the same only for the same content."""
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class End:
    """A day on which something that a channel has stops to hold, such as a certificate."""

    option: str
    at: datetime
    """With a time zone."""


class NotGenuine(Exception):
    """A hook did not come from the partner: its signature or secret is wrong."""


class NotAble(Exception):
    """This kind of connector cannot do that."""


class Options(Schema):
    """The options of a channel. Each field tells its label and help with :func:`told`."""

    class Meta:
        unknown = RAISE


def told(
    label: Texts,
    hint: Texts | None = None,
    *,
    secret: bool = False,
    choices: Mapping[str, Texts] | None = None,
    long: bool = False,
    document: bool = False,
    only_with: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The ``metadata`` of one option: what the settings page shows, and whether the value is
    secret (encrypted at rest, written but never shown), a text of several lines (``long``), or
    a document: its value is then the digest of one, kept apart, and the kind is given the
    :class:`Document` itself. ``only_with`` names another option and the value of it without
    which this one means nothing; the page then folds it away."""
    found = {"label": label, "help": hint or {}, "secret": secret, "choices": choices or {}}
    return {**found, "long": long, "document": document, "only_with": only_with}


class Fake(Protocol):
    """A partner on this machine that answers in the test cases of a process."""

    def options(self) -> Mapping[str, Any]:
        """The options of a channel that reaches it, as an administrator would write them."""

    def forget(self) -> None:
        """Be as if nothing had come yet: a new case begins."""


class Connector(ABC):
    """One kind of connector. Subclasses hold no state: options come with every call."""

    kind: ClassVar[str]
    """Such as ``sms-http``: unique, lower case, digits and hyphens."""
    task_type: ClassVar[str]
    """What the type of a service task says in a diagram, such as ``sms``; empty for a kind that
    only receives."""
    names: ClassVar[Texts]
    about: ClassVar[Texts]
    """One sentence."""
    abilities: ClassVar[frozenset[Ability]]
    Options: ClassVar[type[Schema]]
    inputs: ClassVar[tuple[Input, ...]]
    needs_one: ClassVar[frozenset[str]] = frozenset()
    """Inputs of which a task must give one or more, where none of them alone is required."""
    results: ClassVar[Mapping[str, Texts]]
    """What a task gets back, by name."""
    errors: ClassVar[Mapping[str, Texts]]
    """The codes of the BPMN errors that a diagram may catch."""
    repeats: ClassVar[Repeats]
    fetches: ClassVar[bool] = False
    """Whether it receives by a process of its own, which fetches what came, and not by hooks."""
    apart: ClassVar[bool] = False
    """Whether a process of its own carries its orders out, and no worker does."""

    @abstractmethod
    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """Hand the order to the partner. ``options`` hold the secrets in plain.

        Raises Transient, Permanent or Unknown of :mod:`connectors.errors`, without any secret.
        """

    @abstractmethod
    def probe(self, options: Mapping[str, Any]) -> str:
        """Reach the partner without any effect there, and tell how it went in one line.

        Raises what :meth:`send` raises.
        """

    def ask(self, reference: str, options: Mapping[str, Any]) -> Answer | None:
        """What the partner knows of the order with our reference; None when it knows nothing
        of it. Only a kind with the ability ``ask`` can; raises what :meth:`send` raises."""
        raise NotAble(f"{self.kind}: ask")

    def ask_after(self, order: Order, options: Mapping[str, Any]) -> Answer | None:
        """The same of a whole order: what the partner does not tell of it, but the order does, may
        be put into the result, so that the process gets what it gets from :meth:`send`."""
        return self.ask(order.reference, options)

    def repeats_of(self, order: Order, options: Mapping[str, Any]) -> Repeats:
        """The stated policy for this very order when its end is unknown: the kind's own, where a
        channel's options or the order itself do not say otherwise."""
        return self.repeats

    def read_report(self, hook: Hook, options: Mapping[str, Any]) -> Sequence[Report]:
        """The reports in what the partner sent; raises NotGenuine, and ``ValueError`` for what
        cannot be read. Only a kind with the ability ``report`` can."""
        raise NotAble(f"{self.kind}: report")

    def read_inbound(self, hook: Hook, options: Mapping[str, Any]) -> Sequence[Inbound]:
        """The messages in what the partner sent; raises as :meth:`read_report` does. Only a
        kind with the ability ``receive`` can."""
        raise NotAble(f"{self.kind}: receive")

    def fake(self) -> AbstractContextManager[Fake] | None:
        """A partner for the test cases of a process, opened when a case first calls it; None for
        a kind without one, whose tasks a case answers itself."""
        return None

    def ends(self, options: Mapping[str, Any]) -> Sequence[End]:
        """When what the options hold ends: the operator is told a month before."""
        return ()

    def secret_names(self) -> frozenset[str]:
        """The options that are secret."""
        return _marked(self.Options, "secret")

    def document_names(self) -> frozenset[str]:
        """The options that are documents."""
        return _marked(self.Options, "document")


@lru_cache(maxsize=256)
def _marked(options: type[Schema], mark: str) -> frozenset[str]:
    """The fields that bear a mark; a schema takes long to be set up, and never changes."""
    fields = options().fields.items()
    return frozenset(name for name, one in fields if one.metadata.get(mark))
