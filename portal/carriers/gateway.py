"""What a telephone carrier is to the rest of the portal: one Protocol."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from portal.carriers.fax_numbers import (
    CarrierFax,
    CarrierPort,
    FaxCentre,
    FaxPlace,
    FaxSettings,
    PortNote,
    PortWish,
)
from portal.carriers.faxes import CarrierFaxMessage, FaxToSend
from portal.carriers.recordings import CarrierRecording
from portal.carriers.values import (
    AvailableDid,
    CarrierBalance,
    CarrierCall,
    CarrierDid,
    CarrierMessage,
    CarrierRate,
    CarrierSubAccount,
    CarrierTransaction,
    DidOrder,
    Forwarding,
    Mailbox,
    MessageKind,
    NewMailbox,
    NewSubAccount,
    Registration,
    Route,
    SendReceipt,
    ServerPop,
    SmsSettings,
    SubAccountCreated,
    Unreadable,
)


@runtime_checkable
class Carrier(Protocol):
    """Everything the portal asks of a carrier.

    Each method raises `CarrierError` and nothing else; the methods that create, order or send
    raise its child `OutcomeUnknown` when they may have happened all the same. Nothing is called
    while a database transaction is open.
    """

    def calls(
        self, window_from: datetime, window_to: datetime, *, unreadable: Unreadable | None = None
    ) -> tuple[CarrierCall, ...]:
        """All legs that started in [from, to), oldest first, one per key."""
        ...

    def call_recordings(
        self,
        account: str,
        window_from: datetime,
        window_to: datetime,
        *,
        unreadable: Unreadable | None = None,
    ) -> tuple[CarrierRecording, ...]:
        """Recordings of an account's calls in [from, to), oldest first, one per id."""
        ...

    def sms(
        self, window_from: datetime, window_to: datetime, *, did: str = "", contact: str = ""
    ) -> tuple[CarrierMessage, ...]:
        """Texts in and out in [from, to), oldest first."""
        ...

    def mms(
        self, window_from: datetime, window_to: datetime, *, did: str = "", contact: str = ""
    ) -> tuple[CarrierMessage, ...]:
        """Multimedia messages in and out in [from, to), oldest first."""
        ...

    def send_sms(self, did: str, to: str, text: str) -> SendReceipt:
        """Send one text of at most 160 bytes of UTF-8; tried once."""
        ...

    def send_mms(self, did: str, to: str, text: str, *, media: Sequence[str] = ()) -> SendReceipt:
        """Send at most 2048 bytes of text and three media (address or data URI); tried once."""
        ...

    def media(self, address: str) -> bytes:
        """The file of a message; `media_not_there` passes, `media_gone` does not."""
        ...

    def find_message(
        self,
        did: str,
        contact: str,
        text: str,
        *,
        around: datetime,
        kind: MessageKind = MessageKind.SMS,
        exclude: Collection[str] = (),
    ) -> CarrierMessage | None:
        """A message we sent near that time, not one of the references in `exclude`."""
        ...

    def faxes(
        self, window_from: datetime, window_to: datetime, *, unreadable: Unreadable | None = None
    ) -> tuple[CarrierFaxMessage, ...]:
        """Faxes in and out in [from, to), oldest first, one per id."""
        ...

    def fax_pdf(self, fax: str) -> bytes:
        """The file of a fax, by the carrier's id; not looked into."""
        ...

    def send_fax(self, fax: FaxToSend) -> None:
        """Hand one fax over, tried once; no id comes back, so `find_fax` looks for it."""
        ...

    def find_fax(
        self,
        did: str,
        to: str,
        *,
        around: datetime,
        pages: int | None = None,
        exclude: Collection[str] = (),
    ) -> CarrierFaxMessage | None:
        """A fax we sent near that time, not one of the ids in `exclude`."""
        ...

    def balance(self) -> CarrierBalance:
        """What is left at the carrier."""
        ...

    def transactions(
        self, window_from: datetime, window_to: datetime, *, unreadable: Unreadable | None = None
    ) -> tuple[CarrierTransaction, ...]:
        """Fees and payments of [from, to), oldest first; never rows that add others up."""
        ...

    def my_address(self) -> str:
        """The address the carrier sees us come from; works before it is allowed there."""
        ...

    def sub_accounts(self) -> tuple[CarrierSubAccount, ...]:
        """All sub-accounts."""
        ...

    def create_sub_account(self, new: NewSubAccount) -> SubAccountCreated:
        """Create a sub-account; tried once."""
        ...

    def set_sub_account(
        self,
        account: str,
        *,
        canada_route: Route | None = None,
        international_route: Route | None = None,
        international_locked: bool | None = None,
    ) -> CarrierSubAccount:
        """Change routes and lock of a sub-account (full login), leave all else, and look again."""
        ...

    def dids(self) -> tuple[CarrierDid, ...]:
        """All numbers held."""
        ...

    def termination_rates(self, query: str, route: Route) -> tuple[CarrierRate, ...]:
        """The deck's lines whose destination or prefix matches."""
        ...

    def search_dids(
        self, query: str, *, country: str = "US", region: str = "", match: str = "starts"
    ) -> tuple[AvailableDid, ...]:
        """Numbers for sale; `match` is starts, contains or ends."""
        ...

    def order_did(self, order: DidOrder) -> None:
        """Buy a number; tried once."""
        ...

    def route_did(self, did: str, routing: str) -> None:
        """Send a number's calls elsewhere."""
        ...

    def fax_numbers(self) -> tuple[CarrierFax, ...]:
        """All fax numbers held; they are not among `dids`."""
        ...

    def fax_places(self, country: str) -> tuple[FaxPlace, ...]:
        """States or provinces in which fax numbers are sold."""
        ...

    def fax_centres(self, country: str, region: str) -> tuple[FaxCentre, ...]:
        """Rate centres of a state or province."""
        ...

    def order_fax(self, location: str, *, callback: str, enabled: bool) -> str:
        """Buy one fax number there, tried once; the carrier chooses it. `callback` is its mark."""
        ...

    def cancel_fax(self, did: str) -> None:
        """Give a fax number back; one that is gone already is no error."""
        ...

    def set_fax(self, did: str, **changes: bool | str) -> FaxSettings:
        """Change some settings of a fax number, leave the others, and look again."""
        ...

    def fax_is_portable(self, number: str) -> bool:
        """Whether a number of another carrier can be brought along as a fax number."""
        ...

    def port_fax(self, wish: PortWish) -> str:
        """Ask for a number to be brought along, tried once; the request's id."""
        ...

    def port_status(self, port: str) -> str:
        """How far a request is, in the carrier's word."""
        ...

    def port_notes(self, port: str) -> tuple[PortNote, ...]:
        """What the carrier wrote about a request, the oldest first."""
        ...

    def ports(self) -> tuple[CarrierPort, ...]:
        """All requests to bring numbers along."""
        ...

    def add_port_file(self, port: str, content: bytes) -> None:
        """Give a paper to a request; a second time does no harm."""
        ...

    def did(self, did: str) -> CarrierDid:
        """One number as it is set now."""
        ...

    def forwardings(self) -> tuple[Forwarding, ...]:
        """All forwardings."""
        ...

    def create_forwarding(self, to: str, description: str) -> str:
        """Make a forwarding, tried once; its id."""
        ...

    def remove_forwarding(self, forwarding: str) -> None:
        """Remove a forwarding; one that is gone already is no error."""
        ...

    def voicemails(self) -> tuple[Mailbox, ...]:
        """All mailboxes."""
        ...

    def create_voicemail(self, new: NewMailbox) -> None:
        """Make a mailbox; tried once."""
        ...

    def remove_voicemail(self, mailbox: str) -> None:
        """Remove a mailbox; one that is gone already is no error."""
        ...

    def set_did_voicemail(self, did: str, mailbox: str) -> None:
        """Give a number a mailbox, or take it away ("")."""
        ...

    def set_sms(self, did: str, **changes: bool | str) -> SmsSettings:
        """Change some of a number's text settings, leave the others, and look again."""
        ...

    def registration(self, account: str) -> Registration:
        """Whether a sub-account is registered now."""
        ...

    def servers(self) -> tuple[ServerPop, ...]:
        """The carrier's points of presence."""
        ...
