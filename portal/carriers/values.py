"""What a telephone carrier tells and takes, as plain values.

Every text in these values came from the telephone network and is hostile: the adapter has already
removed control characters and cut it to a sane length, templates still escape it.
Rates and amounts are integers of 1e-8 of the carrier's currency (`…_e8`); times are aware and UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.carriers.directions import Direction


class Disposition(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"


class MessageKind(StrEnum):
    """Short or multimedia; the carrier numbers the two separately."""

    SMS = "sms"
    MMS = "mms"


class Route(StrEnum):
    """The carrier's two outbound routes, by the number it gives them."""

    VALUE = "1"
    PREMIUM = "2"


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """One row of the carrier's call list: one leg of one call."""

    uniqueid: str
    direction: Direction
    account: str  # the sub-account's full login, such as 100000_front
    started_at: datetime
    ambiguous: bool  # in the repeated hour of the autumn change; the first pass is assumed
    caller_id_name: str
    caller_number: str  # digits (a leading + for foreign numbers), or "" when withheld
    destination: str
    description: str
    disposition: Disposition
    seconds: int
    rate_e8: int | None  # per minute; None when the row has none
    total_e8: int  # what the carrier took for this leg
    onnet: bool  # the other end is a number or an account of the same carrier
    destination_type: str

    @property
    def answered(self) -> bool:
        """Whether the call was answered."""
        return self.disposition is Disposition.ANSWERED

    def key(self) -> str:
        """What makes this row itself: its unique id, direction and account.

        The same key with another spelling of the caller is the same call; the same unique id in
        the other direction is the other leg of a forwarded call.
        """
        return "|".join((self.uniqueid, self.direction, self.account))


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row of a list that could not be understood: why, and a cleaned excerpt to look at."""

    method: str
    reason: str
    excerpt: str


Unreadable = Callable[[UnreadableRow], None]


@dataclass(frozen=True, slots=True)
class CarrierMessage:
    """One text or multimedia message, from a list or from a webhook."""

    kind: MessageKind
    id: str
    direction: Direction  # IN or OUT
    did: str  # our number: ten digits in North America
    contact: str  # the other side; short codes and foreign numbers occur
    text: str
    at: datetime
    ambiguous: bool = False  # as for calls
    status: str = ""  # the carrier's own words on delivery
    media: tuple[str, ...] = ()  # addresses; public, may answer 404 for a while, expire later
    odd_date: str = ""  # what was said for a date that cannot be right; `at` is our own then

    def key(self) -> str:
        """Kind and id: the two kinds are numbered separately."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class CarrierDid:
    """One number that the carrier's customer holds."""

    did: str
    description: str
    routing: str  # "header:value", such as account:100000_front
    failover_busy: str
    failover_unreachable: str
    failover_noanswer: str
    voicemail: str
    pop: str
    dialtime_seconds: int | None
    cnam: bool
    e911: bool
    callerid_prefix: str
    note: str
    billing_type: str  # "1" per minute, "2" flat
    next_billing: date | None
    ordered_on: date | None
    reseller_account: str
    reseller_monthly_e8: int | None
    reseller_minute_e8: int | None
    reseller_setup_e8: int | None
    sms: SmsSettings


@dataclass(frozen=True, slots=True)
class Forwarding:
    """An entry that numbers are sent to, which calls another telephone."""

    id: str
    number: str
    description: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox. Its PIN never leaves the adapter."""

    mailbox: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class NewMailbox:
    """What making a mailbox takes; the rest is the carrier's default."""

    mailbox: str
    name: str
    pin: str
    email: str
    time_zone: str
    language: str = "en"

    def __repr__(self) -> str:
        return f"NewMailbox(mailbox={self.mailbox!r}, pin=…)"


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """How texts to one number are delivered."""

    available: bool
    enabled: bool
    email_enabled: bool
    email_address: str
    forward_enabled: bool
    forward_to: str
    url_callback_enabled: bool
    url_callback: str
    url_callback_retry: bool
    webhook_enabled: bool
    webhook: str
    e164: bool = False  # numbers are written +1…, not as ten digits; the carrier's dialmode


@dataclass(frozen=True, slots=True)
class AvailableDid:
    """One number that could be ordered; prices of the per-minute plan."""

    did: str
    ratecenter: str
    region: str  # state or province, two letters
    monthly_e8: int | None
    minute_e8: int | None
    setup_e8: int | None
    sms: bool


@dataclass(frozen=True, slots=True)
class DidOrder:
    """What ordering a number takes; the rest is the carrier's default."""

    did: str
    routing: str
    pop: str
    dialtime_seconds: int = 60
    cnam: bool = False
    billing_type: str = "1"
    note: str = ""


@dataclass(frozen=True, slots=True)
class CarrierSubAccount:
    """One SIP or IAX login at the carrier. Its password never leaves the adapter."""

    id: str
    account: str  # full login, such as 100000_front
    username: str
    description: str
    protocol: str
    device_type: str
    caller_id: str
    canada_route: str  # a Route's value, or "" when the carrier's default
    international_route: str
    international_locked: bool
    internal_extension: str
    reseller_client: str
    reseller_package: str


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How a telephone talks to the carrier, in the carrier's own words."""

    protocol: str = "1"  # 1 SIP, 3 IAX2
    auth_type: str = "1"  # 1 user name and password, 2 a fixed address
    ip: str = ""
    device_type: str = "2"  # 1 a telephone system, 2 telephone, softphone or adapter
    caller_id: str = ""
    codecs: tuple[str, ...] = ("ulaw", "g729", "gsm")
    dtmf_mode: str = "auto"
    nat: str = "yes"
    music_on_hold: str = "default"
    language: str = "en"
    extension: str = ""
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class NewSubAccount:
    """What creating a sub-account takes."""

    username: str
    password: str
    description: str = ""
    canada_route: Route = Route.VALUE
    international_route: Route = Route.VALUE
    international_locked: bool = True
    line: LineSettings = LineSettings()

    def __repr__(self) -> str:
        return f"NewSubAccount(username={self.username!r}, password=…)"


@dataclass(frozen=True, slots=True)
class SubAccountCreated:
    """Where a new sub-account ended up."""

    id: str
    account: str


@dataclass(frozen=True, slots=True)
class CarrierRate:
    """One line of the carrier's rate deck, on one route."""

    prefix: str
    destination: str
    rate_e8: int  # per minute
    increment_seconds: int


@dataclass(frozen=True, slots=True)
class CarrierBalance:
    """What the carrier's customer has left there."""

    current_e8: int
    spent_today_e8: int | None = None
    calls_today: int | None = None


@dataclass(frozen=True, slots=True)
class CarrierTransaction:
    """One row of the carrier's own books: a fee it took (below zero) or money it received."""

    id: str
    at: datetime
    ambiguous: bool  # as for calls
    type: str  # the carrier's word, such as DID6135550142 or Credit Card
    description: str
    amount_e8: int
    did: str  # the number it is about, "" when none

    def key(self) -> str:
        """What makes this row itself: several fees may share an id."""
        return f"{self.id}|{self.description}"[:220]


@dataclass(frozen=True, slots=True)
class RegisteredAt:
    """One server where a sub-account is registered right now."""

    server_pop: str
    server_hostname: str
    address: str
    port: int | None
    transport: str


@dataclass(frozen=True, slots=True)
class Registration:
    """Whether a sub-account is registered, and where."""

    account: str
    registered: bool
    servers: tuple[RegisteredAt, ...] = ()


@dataclass(frozen=True, slots=True)
class SendReceipt:
    """The carrier took a message under this reference."""

    carrier_ref: str
    kind: MessageKind


@dataclass(frozen=True, slots=True)
class ServerPop:
    """One of the carrier's points of presence."""

    pop: str
    name: str
    shortname: str
    hostname: str
    ip: str
    country: str
    recommended: bool
