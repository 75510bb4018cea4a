"""Sending a fax: the file in base64, and no reference in the answer."""

from __future__ import annotations

import base64
import binascii

from sandbox import clock, faxes, paper
from sandbox.wire.kinds import plain_number, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method

FILE_BYTES = 10_000_000


@method("sendFaxMessage")
def send(request: Request) -> Answer:
    did = plain_number(request.get("from_number"))
    if did not in faxes.numbers(request.world, request.reseller_id):
        raise Refusal("invalid_from_number")
    if truth(request.get("send_email_enabled")) and not request.get("send_email"):
        raise Refusal("missing_email")
    pdf, pages = _file(request.get("file"))
    _allowed(request)
    if truth(request.get("test")):
        return {}
    row = faxes.send(
        request.world, request.reseller_id, did=did, name=request.get("from_name"),
        station_id=request.get("station_id"), to=plain_number(request.get("to_number")), pdf=pdf,
        pages=pages,
    )  # fmt: skip
    if truth(request.get("send_email_enabled")):
        faxes.mail(request.world, row["id"], request.get("send_email"))
    return {}


def _file(text: str) -> tuple[bytes, int]:
    try:
        body = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("no_base64file") from None
    if len(body) > FILE_BYTES:
        raise Refusal("exceeds_file_size")
    return paper.as_pdf(body)


def _allowed(request: Request) -> None:
    """Whether the day's limit, which counts every channel, and the money last."""
    limit = request.world.options.faxes_per_day
    if limit:
        used = request.store.value(
            "SELECT COUNT(*) FROM faxes WHERE reseller_id = ? AND direction = 'out' AND at > ?",
            request.reseller_id, clock.now_seconds() - 24 * clock.HOUR,
        )  # fmt: skip
        if used >= limit:
            raise Refusal("limit_reached")
    if request.reseller["balance_e8"] <= 0:
        raise Refusal("non_sufficient_funds")
