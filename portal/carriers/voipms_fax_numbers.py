"""The fax numbers of VoIP.ms: looking for them, buying, setting, and bringing them along."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog

from portal.carriers.cleaning import number
from portal.carriers.errors import CarrierError, OutcomeUnknown
from portal.carriers.fax_numbers import (
    CarrierFax,
    CarrierPort,
    FaxCentre,
    FaxPlace,
    FaxSettings,
    PortNote,
    PortWish,
)
from portal.carriers.statuses import refusal
from portal.carriers.voipms_clock import moment
from portal.carriers.voipms_fields import Row, Unreadable, flag, rows, word
from portal.carriers.voipms_wire import Wire

_T = TypeVar("_T")
_URL: Final = 1000
TIMES_A_FILE: Final = 3  # how much longer than a question a file may take
_CANADA: Final = "CA"
_FAX_PORT: Final = {"US": "4", _CANADA: "5"}
_COMPANY: Final = "1"  # locationType
# Our name, the name it is read by, the name it is written by; the carrier's two differ.
FIELDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("email", "email", "email"),
    ("email_enabled", "email_enabled", "email_enable"),
    ("attach_file", "attach_file", "email_attach_file"),
    ("callback", "url", "url_callback"),
    ("callback_enabled", "url_enabled", "url_callback_enable"),
    ("callback_retry", "retry", "url_callback_retry"),
    ("note", "note", "note"),
)
# Read and written back untouched, because a field left out is cleared by the carrier.
CARRIED: Final = ("fax_to_sip_enabled", "fax_to_sip_enabled_account")


class FaxNumbers:
    """The part of the adapter that has fax numbers."""

    _wire: Wire

    def fax_numbers(self) -> tuple[CarrierFax, ...]:
        """All fax numbers held; they are not among `dids()`."""
        return _read_all("getFaxNumbersInfo", self._wire.ask("getFaxNumbersInfo"), "numbers", _fax)

    def fax_places(self, country: str) -> tuple[FaxPlace, ...]:
        """States or provinces in which fax numbers are sold."""
        if country == _CANADA:
            method, key, name = "getFaxProvinces", "provinces", "province"
        else:
            method, key, name = "getFaxStates", "states", "state"
        return _read_all(
            method, self._wire.ask(method), key,
            lambda row: FaxPlace(_needed(row, name), word(row, f"{name}_name", 60)),
        )  # fmt: skip

    def fax_centres(self, country: str, region: str) -> tuple[FaxCentre, ...]:
        """Rate centres of a state or province."""
        if country == _CANADA:
            method, params = "getFaxRateCentersCAN", {"province": region}
        else:
            method, params = "getFaxRateCentersUSA", {"state": region}
        return _read_all(method, self._wire.ask(method, params), "ratecenters", _centre)

    def order_fax(self, location: str, *, callback: str, enabled: bool) -> str:
        """Buy one fax number there; tried once. The carrier chooses it, this answers which.

        `callback` is where its faxes are reported when `enabled`, and its mark in any case:
        OutcomeUnknown means it may be ours, then `fax_numbers()` shows one with this callback.
        """
        params = {
            "location": location,
            "quantity": "1",
            "url_callback": callback,
            "url_callback_enable": str(int(enabled)),
            "url_callback_retry": "1",
        }
        dids = self._wire.ask("orderFaxNumber", params).get("dids")
        values = list(dids.values()) if isinstance(dids, dict) else dids
        found = number(values[0]) if isinstance(values, list) and len(values) == 1 else ""
        if not found:
            raise refusal("no_reference", kind=OutcomeUnknown, maybe_sent=True)
        return found

    def cancel_fax(self, did: str) -> None:
        """Give a fax number back; one that is gone already is no error."""
        held = {one.did: one.id for one in self.fax_numbers()}
        fax = held.get(number(did))
        if fax is None:
            return
        try:
            self._wire.ask("cancelFaxNumber", {"id": fax})
        except CarrierError as error:
            if error.code != "invalid_id":
                raise

    def set_fax(self, did: str, **changes: bool | str) -> FaxSettings:
        """Change some settings of a fax number, leave the others, and look again.

        Names are those of FaxSettings; raises ValueError for others. The carrier clears what is not
        written, so the whole record is read, merged and written back; a success that changed
        nothing is `not_applied`.
        """
        ends = self._wire.deadline()
        params = parameters(self._fax_row(did, ends=ends), changes)
        self._wire.ask("setFaxNumberInfo", {"did": number(did), **params}, ends=ends)
        try:
            now = read_settings(self._fax_row(did, ends=ends))
        except CarrierError as error:
            error.maybe_sent = True  # the write was taken; a failure now does not undo it
            raise
        if any(getattr(now, name) != value for name, value in changes.items()):
            raise refusal("not_applied", maybe_sent=True)
        return now

    def fax_is_portable(self, number_elsewhere: str) -> bool:
        """Whether a number of another carrier can be brought along as a fax number."""
        params = {"did": number(number_elsewhere)}
        try:
            answer = self._wire.ask("getFaxNumbersPortability", params)
        except CarrierError as error:
            if error.code == "invalid_number_fax":
                return False
            raise
        return flag(answer, "getFaxNumbersPortability")

    def port_fax(self, wish: PortWish) -> str:
        """Ask for a number to be brought along; tried once. The request's id."""
        params = {
            "portType": _FAX_PORT[wish.country],
            "numbers": number(wish.number),
            "locationType": _COMPANY,
            "statementName": wish.company,
            "firstName": wish.first_name,
            "lastName": wish.last_name,
            "address1": wish.street,
            "city": wish.city,
            "zip": wish.postal_code,
            "state": wish.region,
            "country": wish.country,
            "providerName": wish.provider,
            "providerAccount": wish.provider_account,
            "notes": wish.notes,
        }
        made = word(self._wire.ask("addLNPPort", params), "port", 20)
        if not made:
            raise refusal("no_reference", kind=OutcomeUnknown, maybe_sent=True)
        return made

    def port_status(self, port: str) -> str:
        """How far a request is, in the carrier's word."""
        return word(self._wire.ask("getLNPStatus", {"portid": port}), "post_status", 40)

    def port_notes(self, port: str) -> tuple[PortNote, ...]:
        """What the carrier wrote about a request, the oldest first."""
        return _read_all(
            "getLNPNotes", self._wire.ask("getLNPNotes", {"portid": port}), "list", _note
        )

    def ports(self) -> tuple[CarrierPort, ...]:
        """All requests to bring numbers along."""
        return _read_all(
            "getLNPList", self._wire.ask("getLNPList"), "list",
            lambda row: CarrierPort(
                _needed(row, "portid"),
                tuple(number(one) for one in word(row, "numbers", 2000).split(",")),
                word(row, "status", 40),
            ),
        )  # fmt: skip

    def add_port_file(self, port: str, content: bytes) -> None:
        """Give a paper to a request; a second time does no harm."""
        file = base64.b64encode(content).decode("ascii")
        self._wire.ask(
            "addLNPFile",
            {"portid": port, "file": file},
            ends=self._wire.deadline(times=TIMES_A_FILE),
        )

    def _fax_row(self, did: str, *, ends: float) -> Row:
        wanted = number(did)
        answer = self._wire.ask("getFaxNumbersInfo", {"did": wanted}, ends=ends)
        for row in rows(answer, "numbers"):
            if number(row.get("did")) == wanted:
                return row
        raise refusal("invalid_did")


def read_settings(row: Row) -> FaxSettings:
    """The settings out of a number's row."""
    values: dict[str, Any] = {
        name: word(row, read, _URL) if _is_text(name) else flag(row, read)
        for name, read, _ in FIELDS
    }
    return FaxSettings(**values)


def parameters(row: Row, changes: Mapping[str, bool | str]) -> dict[str, str]:
    """The whole record to write: what is there, with the changes; raises ValueError for others."""
    unknown = set(changes) - {name for name, _, _ in FIELDS}
    if unknown:
        raise ValueError(f"no such fax setting: {', '.join(sorted(unknown))}")
    settings = read_settings(row)
    written = {}
    for name, _, write in FIELDS:
        value = changes.get(name, getattr(settings, name))
        written[write] = str(int(value)) if isinstance(value, bool) else value
    carried = {name: word(row, name, _URL) for name in CARRIED if word(row, name, _URL)}
    return {**carried, **written}


def _is_text(name: str) -> bool:
    return name in ("email", "callback", "note")


def _fax(row: Row) -> CarrierFax:
    """One fax number, whose digits come with dots; raises ValueError without a number."""
    did = number(row.get("did"))
    if not did:
        raise Unreadable("no number")
    return CarrierFax(word(row, "id", 20), did, word(row, "description"), read_settings(row))


def _centre(row: Row) -> FaxCentre:
    return FaxCentre(
        _needed(row, "location"), word(row, "area_code", 6), word(row, "ratecenter", 60),
        flag(row, "available"),
    )  # fmt: skip


def _note(row: Row) -> PortNote:
    text = word(row, "note", 300)
    if not text:
        raise Unreadable("no note")
    return PortNote(_written(f"{word(row, 'date', 10)} {word(row, 'time', 8)}"), text)


def _written(wall: str) -> datetime | None:
    try:
        return moment(wall)[0]
    except ValueError:
        return None


def _needed(row: Row, key: str) -> str:
    found = word(row, key, 20)
    if not found:
        raise Unreadable(f"no {key}")
    return found


def _read_all(
    method: str, answer: Mapping[str, Any], key: str, read: Callable[[Row], _T]
) -> tuple[_T, ...]:
    """Read a list row by row; one unreadable row does not cost the others."""
    values = []
    for row in rows(answer, key):
        try:
            values.append(read(row))
        except ValueError as error:
            log: Any = structlog.get_logger("carriers")
            log.error("carrier_row_unreadable", method=method, reason=str(error))
    return tuple(values)
