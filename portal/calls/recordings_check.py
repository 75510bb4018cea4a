"""What the proof of the books asks of recordings: charges and worksheets must agree."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, literal, or_, select

from portal.calls.models import Call, CallRecording
from portal.calls.recordings import SOURCE
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.ledger.check import charged, count_of, counts, mispriced, plain, register

_MOST_FINDINGS = 50
_NOTHING = Money(0)


@register
def recordings_cost_what_was_charged() -> Iterator[str]:
    """A recording cost its price once, and nothing while its call is unknown."""
    charges = charged(SOURCE)
    nothing = literal(_NOTHING, MoneyType())
    rows = session().execute(
        select(CallRecording.public_id, CallRecording.price, charges.c.amount)
        .outerjoin(
            charges,
            and_(
                charges.c.reseller_id == CallRecording.reseller_id,
                charges.c.client_id == CallRecording.client_id,
                charges.c.name == plain(CallRecording.public_id),
            ),
        )
        .where(
            func.coalesce(CallRecording.price, nothing) != func.coalesce(charges.c.amount, nothing)
        )
        .limit(_MOST_FINDINGS)
    )
    for name, price, amount in rows:
        yield f"Recording {name} costs {price or _NOTHING}, but {amount or _NOTHING} were charged."


@register
def recordings_belong_to_calls() -> Iterator[str]:
    """What is priced has a call, and a call in the same reseller's books."""
    rows = session().scalars(
        select(CallRecording.public_id)
        .outerjoin(Call, Call.id == CallRecording.call_id)
        .where(
            or_(
                CallRecording.price.is_not(None) != CallRecording.call_id.is_not(None),
                Call.reseller_id != CallRecording.reseller_id,
            )
        )
        .limit(_MOST_FINDINGS)
    )
    for name in rows:
        yield f"Recording {name} is priced without a call, or has another reseller's."


@register
def prices_of_recordings_follow_from_their_worksheets() -> Iterator[str]:
    """Every recording, priced again from the facts that are kept with it."""
    for name, price, proven in mispriced(CallRecording, CallRecording.public_id):
        yield f"Recording {name} costs {price}, but its worksheet makes {proven}."


@counts("Worksheets", "recordings")
def _priced() -> int:
    return count_of(CallRecording, CallRecording.worksheet != "")
