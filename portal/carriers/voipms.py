"""VoIP.ms as a Carrier: typed values in and out, one method per thing the portal asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

import structlog

from portal.carriers import voipms_records as records
from portal.carriers.cleaning import number
from portal.carriers.directions import Direction
from portal.carriers.errors import CarrierError, OutcomeUnknown
from portal.carriers.statuses import refusal
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
    UnreadableRow,
)
from portal.carriers.voipms_calls import read_calls
from portal.carriers.voipms_clock import PLAIN, within
from portal.carriers.voipms_days import by_days
from portal.carriers.voipms_fax_line import FaxLine
from portal.carriers.voipms_fax_numbers import FaxNumbers
from portal.carriers.voipms_fields import Row, rows, word
from portal.carriers.voipms_messages import message_id, read_messages
from portal.carriers.voipms_recordings import RecordedCalls
from portal.carriers.voipms_wire import Params

MESSAGES_A_REQUEST: Final = 10_000
MEDIA_A_MESSAGE: Final = 3
AROUND: Final = timedelta(minutes=30)


def _log() -> Any:
    """Asked for anew each time, so that a later configuration counts."""
    return structlog.get_logger("carriers")


_T = TypeVar("_T")


class VoipMs(FaxLine, FaxNumbers, RecordedCalls):
    """The real adapter. Holds no connection and no state but its breaker's."""

    def __repr__(self) -> str:
        return f"VoipMs({self._wire!r})"

    # --- lists of what happened -------------------------------------------------------------

    def calls(
        self,
        window_from: datetime,
        window_to: datetime,
        *,
        unreadable: Unreadable | None = None,
        timezone: Decimal = PLAIN,
    ) -> tuple[CarrierCall, ...]:
        """All legs that started in [from, to), oldest first, one per key.

        A call in the autumn's repeated hour is given when either pass lies in the window, so
        neighbouring windows may both give it; its key is the same. Rows that cannot be read go to
        `unreadable`, else to the log as an error. `timezone` changes what is asked, never what is
        returned.
        """

        def ask(first: date, last: date) -> list[Row]:
            params = {
                "date_from": first.isoformat(),
                "date_to": last.isoformat(),
                "timezone": format(timezone, "f"),
                **dict.fromkeys(("answered", "noanswer", "busy", "failed"), "1"),
            }
            return rows(self._wire.ask("getCDR", params), "cdr")

        found = by_days(ask, window_from, window_to, timezone=timezone)
        calls = read_calls(found, timezone=timezone, unreadable=unreadable or _log_unreadable)
        return tuple(
            call
            for call in calls
            if within(call.started_at, call.ambiguous, window_from, window_to)
        )

    def sms(
        self, window_from: datetime, window_to: datetime, *, did: str = "", contact: str = ""
    ) -> tuple[CarrierMessage, ...]:
        """Texts in and out in [from, to), oldest first."""
        return self._messages(MessageKind.SMS, window_from, window_to, did=did, contact=contact)

    def mms(
        self, window_from: datetime, window_to: datetime, *, did: str = "", contact: str = ""
    ) -> tuple[CarrierMessage, ...]:
        """Multimedia messages in and out in [from, to), oldest first."""
        return self._messages(MessageKind.MMS, window_from, window_to, did=did, contact=contact)

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
        """The message we sent within half an hour of `around`, to learn an unknown outcome.

        `exclude` holds references already known to belong to other messages: the same text may
        rightly have been sent twice. The earliest of the rest is given.
        """
        sent = self._messages(kind, around - AROUND, around + AROUND, did=did, contact=contact)
        wanted = (Direction.OUT, number(did), number(contact), _comparable(text))
        return next(
            (
                message
                for message in sent
                if message.id not in exclude
                and (message.direction, message.did, message.contact, _comparable(message.text))
                == wanted
            ),
            None,
        )

    # --- messages out -----------------------------------------------------------------------

    def send_sms(self, did: str, to: str, text: str) -> SendReceipt:
        """Send one text of at most 160 bytes of UTF-8; tried once.

        OutcomeUnknown means it may be on its way: ask `find_message` before sending again.
        """
        return self._send("sendSMS", MessageKind.SMS, {"message": text}, did=did, to=to)

    def send_mms(self, did: str, to: str, text: str, *, media: Sequence[str] = ()) -> SendReceipt:
        """Send at most 2048 bytes of text and three media (address or data URI); tried once."""
        if len(media) > MEDIA_A_MESSAGE:
            raise refusal("invalid_media")
        params = {f"media{place}": address for place, address in enumerate(media, start=1)}
        return self._send("sendMMS", MessageKind.MMS, {"message": text, **params}, did=did, to=to)

    def media(self, address: str) -> bytes:
        """The file of a message, at the address that its row or webhook gave.

        `media_not_there` passes: the carrier puts files in place a while after the message.
        """
        return self._wire.fetch(address)

    # --- the account ------------------------------------------------------------------------

    def balance(self) -> CarrierBalance:
        """What is left at the carrier."""
        return _whole(records.read_balance, self._wire.ask("getBalance", {"advanced": "1"}))

    def transactions(
        self,
        window_from: datetime,
        window_to: datetime,
        *,
        unreadable: Unreadable | None = None,
    ) -> tuple[CarrierTransaction, ...]:
        """Fees and payments of [from, to), oldest first; never rows that add others up."""

        def ask(first: date, last: date) -> list[Row]:
            days = {"date_from": first.isoformat(), "date_to": last.isoformat()}
            return rows(self._wire.ask("getTransactionHistory", days), "transactions")

        found = by_days(ask, window_from, window_to)
        listed = records.read_transactions(found, unreadable=unreadable or _log_unreadable)
        return tuple(one for one in listed if within(one.at, one.ambiguous, window_from, window_to))

    def my_address(self) -> str:
        """The address the carrier sees us come from; works before it is allowed there."""
        address = word(self._wire.ask("getIP"), "ip", 60)
        if not address:
            raise refusal("bad_answer")
        return address

    def servers(self) -> tuple[ServerPop, ...]:
        """The carrier's points of presence."""
        return self._list("getServersInfo", {}, "servers", records.read_server)

    def termination_rates(self, query: str, route: Route) -> tuple[CarrierRate, ...]:
        """The deck's lines whose destination or prefix matches."""
        params = {"query": query, "route": Route(route).value}
        return self._list("getTerminationRates", params, "rates", records.read_rate)

    # --- sub-accounts -----------------------------------------------------------------------

    def sub_accounts(self) -> tuple[CarrierSubAccount, ...]:
        """All sub-accounts, without their passwords."""
        return self._list("getSubAccounts", {}, "accounts", records.read_sub_account)

    def create_sub_account(self, new: NewSubAccount) -> SubAccountCreated:
        """Create a sub-account; tried once.

        OutcomeUnknown means it may exist: look through `sub_accounts()` before trying again.
        """
        line = new.line
        params = {
            "username": new.username,
            "password": new.password,
            "description": new.description,
            "callerid_number": number(line.caller_id),
            "canada_routing": new.canada_route.value,
            "international_route": new.international_route.value,
            "lock_international": str(int(new.international_locked)),
            "internal_extension": line.extension,
            "protocol": line.protocol,
            "auth_type": line.auth_type,
            "ip": line.ip,
            "device_type": line.device_type,
            "music_on_hold": line.music_on_hold,
            "language": line.language,
            "allowed_codecs": ";".join(line.codecs),
            "dtmf_mode": line.dtmf_mode,
            "nat": line.nat,
            "sip_traffic": str(int(line.encrypted)),
        }
        answer = self._wire.ask("createSubAccount", _present(params))
        created = SubAccountCreated(word(answer, "id", 20), word(answer, "account", 80))
        if not created.id or not created.account:
            raise refusal("no_reference", kind=OutcomeUnknown, maybe_sent=True)
        return created

    def set_sub_account(
        self,
        account: str,
        *,
        canada_route: Route | None = None,
        international_route: Route | None = None,
        international_locked: bool | None = None,
    ) -> CarrierSubAccount:
        """Change routes and lock of a sub-account (full login), leave all else, and look again.

        None leaves a field as it is. The carrier clears what is not written, the SIP password too,
        so the whole record is read, merged and written back as it came; a record that is as wanted
        is not written at all. A success that left it otherwise than written is `not_applied`.
        """
        ends = self._wire.deadline()
        changes = records.sub_account_changes(
            canada_route, international_route, locked=international_locked
        )
        row = self._sub_account_row(account, ends=ends)
        before = records.sub_account_record(row)
        after = before | changes
        if after == before:
            return records.read_sub_account(row)
        self._wire.ask("setSubAccount", after, ends=ends)
        try:
            row = self._sub_account_row(account, ends=ends)
            applied = records.sub_account_record(row) == after
        except CarrierError as error:
            error.maybe_sent = True  # as in `_read_back`
            raise
        if not applied:
            raise refusal("not_applied", maybe_sent=True)
        return records.read_sub_account(row)

    def registration(self, account: str) -> Registration:
        """Whether a sub-account is registered now."""
        answer = self._wire.ask("getRegistrationStatus", {"account": account})
        return records.read_registration(account, answer)

    # --- numbers ----------------------------------------------------------------------------

    def dids(self) -> tuple[CarrierDid, ...]:
        """All numbers held."""
        return self._list("getDIDsInfo", {}, "dids", records.read_did)

    def search_dids(
        self, query: str, *, country: str = "US", region: str = "", match: str = "starts"
    ) -> tuple[AvailableDid, ...]:
        """Numbers for sale in US or CA; `match` is starts, contains or ends."""
        canada = country.upper() == "CA"
        params = {"type": match, "query": query, ("province" if canada else "state"): region}
        method = "searchDIDsCAN" if canada else "searchDIDsUSA"
        return self._list(method, _present(params), "dids", records.read_available)

    def order_did(self, order: DidOrder) -> None:
        """Buy a number; tried once.

        OutcomeUnknown means it may be ours: look through `dids()` before trying again.
        """
        params = {
            "did": number(order.did),
            "routing": order.routing,
            "pop": order.pop,
            "dialtime": str(order.dialtime_seconds),
            "cnam": str(int(order.cnam)),
            "billing_type": order.billing_type,
            "note": order.note,
        }
        self._wire.ask("orderDID", _present(params))

    def route_did(self, did: str, routing: str) -> None:
        """Send a number's calls elsewhere, and look whether they go there."""
        ends = self._wire.deadline()
        self._wire.ask("setDIDRouting", {"did": number(did), "routing": routing}, ends=ends)
        if word(self._read_back(did, ends=ends), "routing") != routing:
            raise refusal("not_applied", maybe_sent=True)

    def did(self, did: str) -> CarrierDid:
        """One number as it is set now; `invalid_did` when it is not held."""
        return _whole(records.read_did, self._did_row(did, ends=self._wire.deadline()))

    # --- forwardings and mailboxes ----------------------------------------------------------

    def forwardings(self) -> tuple[Forwarding, ...]:
        """All forwardings."""
        return self._list("getForwardings", {}, "forwardings", records.read_forwarding)

    def create_forwarding(self, to: str, description: str) -> str:
        """Make a forwarding; tried once. Its id.

        OutcomeUnknown means it may exist: look through `forwardings()` before trying again.
        """
        params = {"phone_number": number(to), "description": description}
        made = word(self._wire.ask("setForwarding", params), "forwarding", 20)
        if not made:
            raise refusal("no_reference", kind=OutcomeUnknown, maybe_sent=True)
        return made

    def remove_forwarding(self, forwarding: str) -> None:
        """Remove a forwarding; one that is gone already is no error."""
        self._remove("delForwarding", {"forwarding": forwarding}, gone="invalid_forwarding")

    def voicemails(self) -> tuple[Mailbox, ...]:
        """All mailboxes, without their PINs."""
        return self._list("getVoicemails", {}, "voicemails", records.read_mailbox)

    def create_voicemail(self, new: NewMailbox) -> None:
        """Make a mailbox that mails its messages as sound files and keeps them; tried once.

        OutcomeUnknown means it may exist: look through `voicemails()` before trying again.
        """
        params = {
            "digits": new.mailbox,
            "name": new.name,
            "password": new.pin,
            "skip_password": "0",
            "email": new.email,
            "attach_message": "yes" if new.email else "no",
            "delete_message": "no",
            "say_time": "yes",
            "timezone": new.time_zone,
            "say_callerid": "yes",
            "play_instructions": "u",
            "language": new.language,
            "email_attachment_format": "wav",
        }
        self._wire.ask("createVoicemail", _present(params))

    def remove_voicemail(self, mailbox: str) -> None:
        """Remove a mailbox; one that is gone already is no error."""
        self._remove("delVoicemail", {"mailbox": mailbox}, gone="invalid_mailbox")

    def set_did_voicemail(self, did: str, mailbox: str) -> None:
        """Give a number a mailbox, or take it away (""), and look whether it has it."""
        ends = self._wire.deadline()
        wanted = mailbox or "0"
        self._wire.ask("setDIDVoicemail", {"did": number(did), "voicemail": wanted}, ends=ends)
        if (word(self._read_back(did, ends=ends), "voicemail", 20) or "0") != wanted:
            raise refusal("not_applied", maybe_sent=True)

    # --- texts of a number ------------------------------------------------------------------

    def set_sms(self, did: str, **changes: bool | str) -> SmsSettings:
        """Change some of a number's text settings, leave the others, and look again.

        Names are those of SmsSettings without `available`; raises ValueError for others. The
        carrier clears what is not written, so the whole record is read, merged and written back;
        it also says success and changes nothing at times, which is `not_applied`.
        """
        ends = self._wire.deadline()
        params = records.sms_parameters(self._did_row(did, ends=ends), changes)
        self._wire.ask("setSMS", {"did": number(did), **params}, ends=ends)
        now = records.read_sms_settings(self._read_back(did, ends=ends))
        if any(getattr(now, name) != value for name, value in changes.items()):
            raise refusal("not_applied", maybe_sent=True)
        return now

    # --- how it is done ---------------------------------------------------------------------

    def _messages(
        self,
        kind: MessageKind,
        window_from: datetime,
        window_to: datetime,
        *,
        did: str,
        contact: str,
    ) -> tuple[CarrierMessage, ...]:
        method = "getSMS" if kind is MessageKind.SMS else "getMMS"

        def ask(first: date, last: date) -> list[Row]:
            params = {
                "from": first.isoformat(),
                "to": last.isoformat(),
                "timezone": format(PLAIN, "f"),
                "limit": str(MESSAGES_A_REQUEST),
                "did": number(did),
                "contact": number(contact),
            }
            listed = rows(self._wire.ask(method, _present(params)), "sms", "mms")
            if len(listed) >= MESSAGES_A_REQUEST:
                if first < last:
                    raise refusal("too_large")
                _log().error("carrier_list_full", method=method, day=first.isoformat())
            return listed

        found = by_days(ask, window_from, window_to)
        messages = read_messages(found, kind, unreadable=_log_unreadable)
        return tuple(
            message
            for message in messages
            if within(message.at, message.ambiguous, window_from, window_to)
        )

    def _send(
        self, method: str, kind: MessageKind, params: Params, *, did: str, to: str
    ) -> SendReceipt:
        answer = self._wire.ask(method, {"did": number(did), "dst": number(to), **params})
        try:
            return SendReceipt(message_id(answer.get(kind.value)), kind)
        except ValueError:
            # It said success; without a reference only its list can tell which message it was.
            raise refusal("no_reference", kind=OutcomeUnknown, maybe_sent=True) from None

    def _remove(self, method: str, params: Params, *, gone: str) -> None:
        try:
            self._wire.ask(method, params)
        except CarrierError as error:
            if error.code != gone:
                raise

    def _sub_account_row(self, account: str, *, ends: float) -> Row:
        answer = self._wire.ask("getSubAccounts", {"account": account}, ends=ends)
        for row in rows(answer, "accounts"):
            if row.get("account") == account:
                return row
        raise refusal("invalid_account")

    def _did_row(self, did: str, *, ends: float) -> Row:
        wanted = number(did)
        for row in rows(self._wire.ask("getDIDsInfo", {"did": wanted}, ends=ends), "dids"):
            if number(row.get("did")) == wanted:
                return row
        raise refusal("invalid_did")

    def _read_back(self, did: str, *, ends: float) -> Row:
        """As `_did_row`, after a write that was taken: a failure now does not undo it."""
        try:
            return self._did_row(did, ends=ends)
        except CarrierError as error:
            error.maybe_sent = True
            raise

    def _list(
        self, method: str, params: Params, key: str, read: Callable[[Row], _T]
    ) -> tuple[_T, ...]:
        """Read a list row by row; one unreadable row does not cost the others."""
        values = []
        for row in rows(self._wire.ask(method, params), key):
            try:
                values.append(read(row))
            except ValueError as error:
                _log_unreadable(UnreadableRow(method, str(error), ""))
        return tuple(values)


def _whole(read: Callable[[Mapping[str, Any]], _T], answer: Mapping[str, Any]) -> _T:
    try:
        return read(answer)
    except ValueError:
        raise refusal("bad_answer") from None


def _present(params: Params) -> dict[str, str]:
    """Without empty values, which some methods take for a wish."""
    return {name: value for name, value in params.items() if value}


def _comparable(text: str) -> str:
    return " ".join(text.replace("\\", "").split())


def _log_unreadable(row: UnreadableRow) -> None:
    # Never the row itself: a sub-account's has a password, a message's somebody's words.
    _log().error("carrier_row_unreadable", method=row.method, reason=row.reason)
