"""What the rest of the portal is told of numbers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from portal.core.money import ZERO, Money


class DidOwner(NamedTuple):
    """To whom a number was connected at a moment, and at which fees.

    ``minute_rate_e8`` is what the client pays per minute of an inbound call, in 1e-8 units.
    """

    did_id: int
    link_id: int
    number: str
    client_id: int
    sub_account_id: int | None
    label: str
    minute_rate_e8: int
    sms_in: Money
    sms_out: Money
    mms_in: Money
    mms_out: Money
    valid_from: datetime
    valid_to: datetime | None


class Routing(NamedTuple):
    """Where calls go, as the carrier writes it: ``account:100482_front`` is a kind and a target."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class DidRow:
    """One line of a list of numbers; without a client it is free to be connected."""

    id: int
    public_id: uuid.UUID
    number: str
    kind: str  # voice, fax
    description: str
    routing: Routing
    sms_available: bool
    sms_enabled: bool
    texts_off: bool
    is_gone: bool
    link_public_id: uuid.UUID | None
    client_id: int | None
    sub_account_id: int | None
    label: str
    setup_fee: Money
    monthly_fee: Money
    minute_rate_e8: int
    sms_in: Money
    sms_out: Money
    mms_in: Money
    mms_out: Money
    linked_from: datetime | None
    e911_setup: Money
    e911_monthly: Money | None
    next_billing_day: date | None
    made_forwarding: str
    made_mailbox: str
    note: str

    @property
    def has_texts(self) -> bool:
        """Are texts on at the carrier, or off there only because the client wished so?"""
        return self.sms_enabled or self.texts_off

    @property
    def is_free(self) -> bool:
        """Is nobody connected to it?"""
        return self.client_id is None and not self.is_gone


@dataclass(frozen=True, slots=True)
class DidFees:
    """The fees agreed for a number; prefilled from the reseller's defaults. None: no e911 on it."""

    setup: Money = ZERO
    monthly: Money = ZERO
    minute_e8: int = 0
    sms_in: Money = ZERO
    sms_out: Money = ZERO
    mms_in: Money = ZERO
    mms_out: Money = ZERO
    e911_setup: Money = ZERO
    e911_monthly: Money | None = None


class OrderState(StrEnum):
    """How far an order is: at work, being undone, or at one of its two ends."""

    WORKING = "working"
    UNDOING = "undoing"
    DONE = "done"
    UNDONE = "undone"


class StepKind(StrEnum):
    """What one step of an order does."""

    BUY_FAX = "buy_fax"  # buy a fax number, which the carrier chooses
    FORWARDING = "forwarding"  # make a forwarding
    MAILBOX = "mailbox"  # make a mailbox
    ROUTE = "route"  # send a number's calls somewhere
    VOICEMAIL = "voicemail"  # give a number a mailbox, or take it away
    LINK = "link"  # connect here, and charge
    DROP_FORWARDING = "drop_forwarding"
    DROP_MAILBOX = "drop_mailbox"


class StepState(StrEnum):
    """``LEFT`` is a step the carrier refuses to undo: somebody has to look there."""

    WAITING = "waiting"
    BEGUN = "begun"
    DONE = "done"
    UNDONE = "undone"
    LEFT = "left"


class Ring(StrEnum):
    """Where the calls of new numbers go."""

    ACCOUNT = "account"
    FORWARD = "forward"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class MailboxWish:
    """The mailbox that comes with new numbers."""

    name: str
    email: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConnectWish:
    """What connecting numbers asks of staff."""

    dids: tuple[uuid.UUID, ...]
    sub_account_id: int
    account: str  # the sub-account's login, to which calls may be sent
    fees: DidFees
    label: str = ""
    charge_setup: bool = True
    charge_monthly: bool = True
    ring: Ring = Ring.KEEP
    forward_to: str = ""
    mailbox: MailboxWish | None = None


@dataclass(frozen=True, slots=True)
class FaxOrderWish:
    """A fax number that a client buys: where, for which sub-account, and at the price shown."""

    location: str  # the carrier's id of the rate centre
    place: str  # as shown: OTTAWA, ON
    sub_account_id: int
    total: Money
    label: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseWish:
    """What becomes of a number at the carrier when it is let go."""

    silence: bool = True  # its calls go nowhere
    drop_forwarding: bool = True
    drop_mailbox: bool = True


class PortState(StrEnum):
    """How far a number is that a client wants to bring along."""

    ASKED = "asked"
    WORKING = "working"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PortAsk:
    """A fax number at another carrier, as its bill there says; the number in E.164."""

    number: str
    country: str  # US or CA
    company: str
    first_name: str
    last_name: str
    street: str
    city: str
    region: str
    postal_code: str
    provider: str
    provider_account: str
    notes: str = ""


class PortNote(NamedTuple):
    """A line that the carrier wrote about a request."""

    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class PortWork:
    """A request in the hands of one run of its job."""

    id: int
    lease_number: int
    number: str
    country: str
    facts: dict[str, str]
    was_handed: bool
    carrier_port: str
    bill: str  # the file that the carrier has not got yet
    known_ports: frozenset[str]  # requests at the carrier that are other rows here


@dataclass(frozen=True, slots=True)
class PortRow:
    """One request to bring a number along; ``words`` are the reseller's to the client."""

    id: int
    public_id: uuid.UUID
    client_id: int
    number: str
    country: str
    facts: dict[str, str]
    state: PortState
    words: str
    asked_by: str
    created_at: datetime
    changed_at: datetime | None
    bill: str
    bill_sent_at: datetime | None
    handed_at: datetime | None
    carrier_port: str
    carrier_state: str
    carrier_notes: tuple[PortNote, ...]
    problem: str

    @property
    def is_open(self) -> bool:
        """Does somebody still have to do something?"""
        return self.state in (PortState.ASKED, PortState.WORKING)

    @property
    def is_unknown(self) -> bool:
        """Was the carrier asked, and nobody knows whether it has the request?"""
        return self.handed_at is not None and not self.carrier_port

    @property
    def may_be_handed(self) -> bool:
        """May staff have the carrier asked, because it certainly or probably has nothing of it?"""
        return self.is_open and not self.carrier_port and bool(self.problem)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of an order, for the job that takes it and the page that shows it."""

    id: int
    kind: StepKind
    state: StepState
    did_id: int | None
    number: str
    before: str
    result: str
    problem: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with its steps."""

    id: int
    public_id: uuid.UUID
    client_id: int
    action: str
    state: OrderState
    problem: str
    problem_code: str
    is_failing: bool
    ordered_by: str
    created_at: datetime
    finished_at: datetime | None
    numbers: tuple[str, ...]
    place: str  # where a number is being bought, before anybody knows which
    steps: tuple[StepRow, ...]

    @property
    def is_over(self) -> bool:
        """Has it come to one of its ends?"""
        return self.state in (OrderState.DONE, OrderState.UNDONE)

    @property
    def leftovers(self) -> tuple[StepRow, ...]:
        """What could not be undone at the carrier."""
        return tuple(step for step in self.steps if step.state is StepState.LEFT)


@dataclass(frozen=True, slots=True)
class OrderWork:
    """An order in the hands of one run of its job."""

    order: OrderRow
    lease_number: int
    marker: str  # how what we make at the carrier is told from everything else
    account: str
    ring: Ring
    forward_to: str
    mailbox: MailboxWish | None
    time_zone: str
    language: str
    location: str = ""
    callback: str = field(default="", repr=False)
    callback_works: bool = False


class SmsChoice(NamedTuple):
    """A number that a client may send texts from."""

    did_id: int
    public_id: uuid.UUID
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class CallbackPush:
    """The callback the carrier is to have for a number; the address carries a secret.

    ``texts`` switches them on or off there; None leaves them.
    """

    did_id: int
    number: str
    kind: str
    url: str = field(repr=False)
    texts: bool | None = None


class PushProblem(NamedTuple):
    """A number the carrier has not taken the callback of; ``problem`` is a message id."""

    public_id: uuid.UUID
    number: str
    client_id: int | None
    problem: str


class Inventory(NamedTuple):
    """What a look at the carrier's list changed."""

    new: int
    changed: int
    gone: int


class DidBook:
    """Who had which number when, for a window of time: look-ups without the database."""

    def __init__(self, owners: Sequence[DidOwner], dids: dict[str, int]) -> None:
        self._owners: dict[str, list[DidOwner]] = {}
        for owner in owners:
            self._owners.setdefault(owner.number, []).append(owner)
        self._dids = dids

    def at(self, number: str, moment: datetime) -> DidOwner | None:
        """The owner of a number (E.164) at a moment; None when it was nobody's or is not ours."""
        for owner in reversed(self._owners.get(number, ())):
            if owner.valid_from <= moment and (owner.valid_to is None or moment < owner.valid_to):
                return owner
        return None

    def __contains__(self, number: str) -> bool:
        """Did anybody have this number (E.164) in the window?"""
        return number in self._owners

    def moments(self, number: str) -> list[datetime]:
        """When a number came to an owner or went away, in order; nothing for one that is not ours."""
        owners = self._owners.get(number, ())
        return sorted({at for one in owners for at in (one.valid_from, one.valid_to) if at})

    def did_id(self, number: str) -> int | None:
        """The id of a number the reseller has or had, whoever it belonged to."""
        return self._dids.get(number)


def routing_of(text: str) -> Routing:
    """Read the carrier's ``header:value``; ``none:`` and nonsense go nowhere."""
    kind, _, target = text.partition(":")
    return Routing(kind or "none", target)
