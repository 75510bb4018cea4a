"""The faxes of VoIP.ms: what came and went, one fax out, one file in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog

from portal.carriers.cleaning import line, number
from portal.carriers.directions import Direction
from portal.carriers.faxes import CarrierFaxMessage, FaxStatus, FaxToSend
from portal.carriers.statuses import refusal
from portal.carriers.values import Unreadable, UnreadableRow
from portal.carriers.voipms_clock import within
from portal.carriers.voipms_days import by_days
from portal.carriers.voipms_fax_numbers import TIMES_A_FILE
from portal.carriers.voipms_faxes import read_faxes
from portal.carriers.voipms_fields import Row, rows
from portal.carriers.voipms_wire import Wire

AROUND: Final = timedelta(minutes=30)
STATION_CHARACTERS: Final = 20  # what a fax machine's header line holds
NAME_CHARACTERS: Final = 50


class FaxLine:
    """The part of the adapter that faxes. Nothing here is sent twice."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def faxes(
        self, window_from: datetime, window_to: datetime, *, unreadable: Unreadable | None = None
    ) -> tuple[CarrierFaxMessage, ...]:
        """Faxes in and out in [from, to), oldest first, one per id; ambiguous hours as for calls."""

        def ask(first: date, last: date) -> list[Row]:
            params = {"from": first.isoformat(), "to": last.isoformat()}
            return rows(self._wire.ask("getFaxMessages", params), "faxes")

        found = by_days(ask, window_from, window_to)
        return tuple(
            fax
            for fax in read_faxes(found, unreadable=unreadable or _log_unreadable)
            if within(fax.at, fax.ambiguous, window_from, window_to)
        )

    def fax_pdf(self, fax: str) -> bytes:
        """The file of a fax as the carrier keeps it: hostile, and not looked into here."""
        ends = self._wire.deadline(times=TIMES_A_FILE)
        answer = self._wire.ask("getFaxMessagePDF", {"id": fax}, ends=ends)
        text = answer.get("message_base64")
        try:
            found = base64.b64decode("".join(text.split())) if isinstance(text, str) else b""
        except (binascii.Error, ValueError):
            found = b""
        if not found:
            raise refusal("bad_answer")
        return found

    def send_fax(self, fax: FaxToSend) -> None:
        """Hand one fax over; tried once.

        The carrier answers only that it took it: `find_fax` looks for it in its list. After
        OutcomeUnknown too, and never by sending again.
        """
        params = {
            "to_number": number(fax.to),
            "from_name": line(fax.from_name, NAME_CHARACTERS) or number(fax.did),
            "from_number": number(fax.did),
            "send_email_enabled": "0",
            "station_id": line(fax.station_id, STATION_CHARACTERS) or number(fax.did),
            "file": base64.b64encode(fax.pdf).decode("ascii"),
        }
        self._wire.ask("sendFaxMessage", params, ends=self._wire.deadline(times=TIMES_A_FILE))

    def find_fax(
        self,
        did: str,
        to: str,
        *,
        around: datetime,
        pages: int | None = None,
        exclude: Collection[str] = (),
    ) -> CarrierFaxMessage | None:
        """The fax we sent within half an hour of `around`, because sending one gives no id.

        `exclude` holds ids already known to belong to other faxes. With `pages` one that went
        through must have as many, and one that did not at most as many; the earliest of the
        fitting ones is given, an exact one first.
        """
        wanted = (Direction.OUT, number(did), number(to))
        found = [
            fax
            for fax in self.faxes(around - AROUND, around + AROUND)
            if fax.id not in exclude and (fax.direction, fax.did, fax.other) == wanted
        ]
        if pages is None:
            return next(iter(found), None)
        exact = [fax for fax in found if fax.pages == pages]
        partly = [fax for fax in found if fax.status is not FaxStatus.SUCCESS and fax.pages < pages]
        return next(iter(exact + partly), None)


def _log_unreadable(row: UnreadableRow) -> None:
    # Never the row itself: it says who faxed whom.
    log: Any = structlog.get_logger("carriers")
    log.error("carrier_row_unreadable", method=row.method, reason=row.reason)
