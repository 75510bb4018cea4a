"""VoIP.ms rows about the account itself to values: numbers, sub-accounts, rates, servers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from portal.carriers.cleaning import number
from portal.carriers.statuses import refusal
from portal.carriers.values import (
    AvailableDid,
    CarrierBalance,
    CarrierDid,
    CarrierRate,
    CarrierSubAccount,
    CarrierTransaction,
    Forwarding,
    Mailbox,
    RegisteredAt,
    Registration,
    Route,
    ServerPop,
    SmsSettings,
    UnreadableRow,
)
from portal.carriers.voipms_calls import excerpt
from portal.carriers.voipms_clock import day, moment
from portal.carriers.voipms_fields import Row, Unreadable, e8, flag, rows, whole, word

_URL: Final = 1000
# Our name, the name it is read by, the name it is written by; the carrier's two differ.
SMS_FIELDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("enabled", "sms_enabled", "enable"),
    ("email_enabled", "sms_email_enabled", "email_enabled"),
    ("email_address", "sms_email", "email_address"),
    ("forward_enabled", "sms_forward_enabled", "sms_forward_enable"),
    ("forward_to", "sms_forward", "sms_forward"),
    ("url_callback_enabled", "sms_url_callback_enabled", "url_callback_enable"),
    ("url_callback", "sms_url_callback", "url_callback"),
    ("url_callback_retry", "sms_url_callback_retry", "url_callback_retry"),
    ("webhook_enabled", "webhook_enabled", "webhook_enable"),
    ("webhook", "webhook", "webhook"),
)
# Read and written back untouched, because a field left out is cleared by the carrier.
SMS_CARRIED: Final[tuple[tuple[str, str], ...]] = (
    ("sms_sipaccount_enabled", "sms_sipaccount_enabled"),
    ("sms_sipaccount", "sms_sipaccount"),
    ("smpp_enabled", "smpp_enabled"),
    ("smpp_url", "smpp_url"),
    ("smpp_user", "smpp_user"),
    ("smpp_pass", "smpp_pass"),
)
_TEN_DIGITS, _E164 = "1", "2"  # dialmode
# Listed by the carrier, but no parameters of its setSubAccount.
_SUB_ACCOUNT_FIXED: Final = frozenset({"account", "username", "protocol"})
# Rows that add up the others and are no transactions (rulings 12).
_MADE_UP: Final = frozenset({"", "n/a"})
_ABOUT: Final = re.compile(r"(?<![0-9])[2-9][0-9]{9}(?![0-9])")
_BY_PASSWORD: Final = "1"  # auth_type: user name and password


def read_did(row: Row) -> CarrierDid:
    """One number; raises ValueError without a number."""
    return CarrierDid(
        did=_number(row),
        description=word(row, "description"),
        routing=word(row, "routing"),
        failover_busy=word(row, "failover_busy"),
        failover_unreachable=word(row, "failover_unreachable"),
        failover_noanswer=word(row, "failover_noanswer"),
        voicemail=word(row, "voicemail", 20),
        pop=word(row, "pop", 20),
        dialtime_seconds=whole(row, "dialtime"),
        cnam=flag(row, "cnam"),
        e911=flag(row, "e911"),
        callerid_prefix=word(row, "callerid_prefix", 40),
        note=word(row, "note"),
        billing_type=word(row, "billing_type", 4),
        next_billing=day(word(row, "next_billing", 20)),
        ordered_on=day(word(row, "order_date", 20)),
        reseller_account=word(row, "reseller_account", 80),
        reseller_monthly_e8=e8(row, "reseller_monthly"),
        reseller_minute_e8=e8(row, "reseller_minute"),
        reseller_setup_e8=e8(row, "reseller_setup"),
        sms=read_sms_settings(row),
    )


def read_transactions(
    listed: Iterable[Row], *, unreadable: Callable[[UnreadableRow], None]
) -> list[CarrierTransaction]:
    """Fees and payments, one per key, oldest first; the totals that end the list are left out."""
    found: dict[str, CarrierTransaction] = {}
    for row in listed:
        if word(row, "uniqueid", 60).lower() in _MADE_UP:
            continue
        try:
            one = _read_transaction(row)
        except ValueError as error:
            unreadable(UnreadableRow("getTransactionHistory", str(error), excerpt(row)))
            continue
        found.setdefault(one.key(), one)
    return sorted(found.values(), key=lambda one: (one.at, one.id))


def _read_transaction(row: Row) -> CarrierTransaction:
    at, ambiguous = moment(word(row, "date", 40))
    amount = e8(row, "ammount")  # sic
    if amount is None:
        amount = e8(row, "amount")
    if amount is None:
        raise Unreadable("no amount")
    kind, description = word(row, "type", 60), word(row, "description")
    about = _ABOUT.search(kind) or _ABOUT.search(description)
    return CarrierTransaction(
        word(row, "uniqueid", 60), at, ambiguous, kind, description, amount,
        about[0] if about else "",
    )  # fmt: skip


def read_forwarding(row: Row) -> Forwarding:
    """One forwarding; raises ValueError without its id."""
    name = word(row, "forwarding", 20)
    if not name:
        raise Unreadable("no id")
    return Forwarding(name, number(row.get("phone_number")), word(row, "description"))


def read_mailbox(row: Row) -> Mailbox:
    """One mailbox, without its PIN; raises ValueError without its number."""
    mailbox = word(row, "mailbox", 20)
    if not mailbox:
        raise Unreadable("no number")
    return Mailbox(mailbox, word(row, "name"), word(row, "email", 254))


def read_sms_settings(row: Row) -> SmsSettings:
    """How texts to a number are delivered, out of its row."""
    values: dict[str, Any] = {
        name: flag(row, read) if name.endswith(("enabled", "retry")) else word(row, read, _URL)
        for name, read, _ in SMS_FIELDS
    }
    e164 = word(row, "dialmode", 8) == _E164
    return SmsSettings(available=flag(row, "sms_available"), **values, e164=e164)


def sms_parameters(row: Row, changes: Mapping[str, bool | str]) -> dict[str, str]:
    """The whole record to write: what is there, with the changes; raises ValueError for others."""
    settings = read_sms_settings(row)
    unknown = set(changes) - {"e164", *(name for name, _, _ in SMS_FIELDS)}
    if unknown:
        raise ValueError(f"no such text setting: {', '.join(sorted(unknown))}")
    written = {}
    for name, _, write in SMS_FIELDS:
        value = changes.get(name, getattr(settings, name))
        written[write] = str(int(value)) if isinstance(value, bool) else value
    written["dialmode"] = _E164 if changes.get("e164", settings.e164) else _TEN_DIGITS
    carried = {write: word(row, read, _URL) for read, write in SMS_CARRIED if word(row, read, _URL)}
    return {**carried, **written}


def read_available(row: Row) -> AvailableDid:
    """One number for sale; raises ValueError without a number."""
    return AvailableDid(
        did=_number(row),
        ratecenter=word(row, "ratecenter", 60),
        region=word(row, "state", 4) or word(row, "province", 4),
        monthly_e8=e8(row, "perminute_monthly"),
        minute_e8=e8(row, "perminute_minute"),
        setup_e8=e8(row, "perminute_setup"),
        sms=flag(row, "sms"),
    )


def read_sub_account(row: Row) -> CarrierSubAccount:
    """One sub-account, without its password; raises ValueError without a login."""
    account = word(row, "account", 80)
    if not account:
        raise Unreadable("no account")
    return CarrierSubAccount(
        id=word(row, "id", 20),
        account=account,
        username=word(row, "username", 60) or account.partition("_")[2],
        description=word(row, "description"),
        protocol=word(row, "protocol", 8),
        device_type=word(row, "device_type", 8),
        caller_id=number(row.get("callerid_number")),
        canada_route=word(row, "canada_routing", 8),
        international_route=word(row, "international_route", 8),
        international_locked=flag(row, "lock_international"),
        internal_extension=word(row, "internal_extension", 20),
        reseller_client=word(row, "reseller_client", 20),
        reseller_package=word(row, "reseller_package", 20),
    )


def sub_account_changes(
    canada_route: Route | None, international_route: Route | None, *, locked: bool | None
) -> dict[str, str]:
    """What setSubAccount calls these; None is no change."""
    wanted = {
        "canada_routing": None if canada_route is None else Route(canada_route).value,
        "international_route": None
        if international_route is None
        else Route(international_route).value,
        "lock_international": None if locked is None else str(int(locked)),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def sub_account_record(row: Row) -> dict[str, str]:
    """The whole record as setSubAccount takes it, exactly as it was listed, password and all.

    Never cleaned or cut: it goes back to where it came from, and nowhere else. `bad_answer` for a
    row that, written back, would take the login or its password away.
    """
    record = {
        name: "" if value is None else str(int(value) if isinstance(value, bool) else value)
        for name, value in row.items()
        if name not in _SUB_ACCOUNT_FIXED and not isinstance(value, dict | list)
    }
    # Empty, or a mask: writing that would lock every telephone of this login out.
    hidden = not record.get("password", "").strip("*")
    if not record.get("id") or (hidden and record.get("auth_type", _BY_PASSWORD) == _BY_PASSWORD):
        raise refusal("bad_answer")
    return record


def read_rate(row: Row) -> CarrierRate:
    """One line of the deck; raises ValueError without prefix, rate or a sane increment."""
    rate_e8, increment = e8(row, "rate"), whole(row, "increment")
    prefix = word(row, "prefix", 20)
    if not prefix.isascii() or not prefix.isdigit():
        raise Unreadable("no prefix")
    if rate_e8 is None or rate_e8 < 0:
        raise Unreadable("no rate")
    if increment is None or not 0 < increment <= 3600:
        raise Unreadable("no increment")
    return CarrierRate(prefix, word(row, "destination"), rate_e8, increment)


def read_balance(answer: Mapping[str, Any]) -> CarrierBalance:
    """What is left; raises ValueError when the answer does not say."""
    found = rows(answer, "balance")
    current_e8 = e8(found[0], "current_balance") if found else None
    if current_e8 is None:
        raise Unreadable("no balance")
    return CarrierBalance(current_e8, e8(found[0], "spent_today"), whole(found[0], "calls_today"))


def read_registration(account: str, answer: Mapping[str, Any]) -> Registration:
    """Whether an account is registered, and where."""
    servers = tuple(
        RegisteredAt(
            server_pop=word(row, "server_pop", 20),
            server_hostname=word(row, "server_hostname"),
            address=word(row, "register_ip", 60),
            port=whole(row, "register_port"),
            transport=word(row, "register_transport", 10),
        )
        for row in rows(answer, "registrations")
    )
    return Registration(account, flag(answer, "registered"), servers)


def read_server(row: Row) -> ServerPop:
    """One point of presence; raises ValueError without its id."""
    pop = word(row, "server_pop", 20)
    if not pop:
        raise Unreadable("no id")
    return ServerPop(
        pop=pop,
        name=word(row, "server_name"),
        shortname=word(row, "server_shortname"),
        hostname=word(row, "server_hostname"),
        ip=word(row, "server_ip", 60),
        country=word(row, "server_country", 60),
        recommended=flag(row, "server_recommended"),
    )


def _number(row: Row) -> str:
    did = number(row.get("did"))
    if not did:
        raise Unreadable("no number")
    return did
