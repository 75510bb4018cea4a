"""What the carrier lists, looked at again: numbers, sub-accounts, registrations, balance, rates."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.runtime import job
from portal import numbers, pbx, pricing, upstream
from portal.carriers import Carrier, CarrierError, CarrierRate, Registration, Route
from portal.core.db import finish_reading, transaction
from portal.core.errors import InvalidInput
from portal.core.log import get_logger

log = get_logger(__name__)

_REGISTRATIONS_A_RUN = 60
_ROUTES = {Route.VALUE: "value", Route.PREMIUM: "premium"}
_FIRST_DIGITS = "123456789"


@job
def refresh_numbers() -> None:
    """Bring numbers, sub-accounts, registrations and the carrier's balance up to date.

    Running it twice writes the same again. When the carrier fails, what is there stays.
    """
    carrier = upstream.carrier()
    try:
        balance = carrier.balance()
        accounts = carrier.sub_accounts()
        dids, faxes = carrier.dids(), carrier.fax_numbers()
        forwardings, mailboxes = carrier.forwardings(), carrier.voicemails()
        servers = carrier.servers()
    except CarrierError as error:
        _note(error)
        raise
    with transaction():
        upstream.note_ok(balance)
        pbx.record_accounts(accounts)
        pbx.record_servers(servers)
        numbers.record_inventory(dids, faxes)
        numbers.record_targets(forwardings, mailboxes)
    in_use = pbx.accounts_in_use()[:_REGISTRATIONS_A_RUN]
    finish_reading()
    found = list(_registrations(carrier, in_use))
    with transaction():
        pbx.note_registrations(found)


@job
def refresh_rates() -> None:
    """Read the carrier's rate deck of both routes; a changed one becomes a new version."""
    carrier = upstream.carrier()
    for route, name in _ROUTES.items():
        try:
            lines = _deck(carrier, route)
        except CarrierError as error:
            _note(error)
            raise
        if not lines:
            continue
        with transaction():
            try:
                prefixes = pricing.record_deck(name, lines)
            except InvalidInput as error:
                log.error("deck_refused", route=name, reason=error.message)
                continue
        log.info("deck_read", route=name, prefixes=prefixes or "unchanged")


def _deck(carrier: Carrier, route: Route) -> list[pricing.DeckLine]:
    """The whole deck, asked for by first digit: the carrier has no "everything"."""
    found: dict[str, CarrierRate] = {}
    for digit in _FIRST_DIGITS:
        for rate in carrier.termination_rates(digit, route):
            found.setdefault(rate.prefix, rate)
    return [
        pricing.DeckLine(rate.prefix, rate.destination, rate.rate_e8, rate.increment_seconds)
        for rate in found.values()
        if len(rate.prefix) <= 12
    ]


def _registrations(carrier: Carrier, accounts: list[str]) -> Iterator[Registration]:
    """One question an account; the first failure ends the round, the next one goes on there."""
    for account in accounts:
        try:
            yield carrier.registration(account)
        except CarrierError as error:
            log.info("registrations_stopped", account=account, code=error.code)
            if not error.permanent:
                return


def _note(error: CarrierError) -> None:
    with transaction():
        upstream.note_error(error)
