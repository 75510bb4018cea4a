"""A client buys a fax number: the money is set aside at once, the carrier chooses the number later.

The money becomes the charges of the connection when the number is there; when the carrier refuses
it is given back, and a number that was bought all the same is given back too.
"""

from __future__ import annotations

import uuid

from sqlalchemy import update

from portal import identity, pricing, upstream
from portal.core import scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput, Refused
from portal.core.money import Money
from portal.core.phone import normalise
from portal.identity import Visitor
from portal.numbers.holds import BUY, set_aside
from portal.numbers.inventory import fax_did
from portal.numbers.models import DidReservation, NumberStep
from portal.numbers.order_work import held_order, step_done
from portal.numbers.orders import add_order, known_order, start_order
from portal.numbers.service import check_terms, default_fax_fees
from portal.numbers.values import DidFees, FaxOrderWish, OrderWork, StepKind, StepRow
from portal.numbers.wishes import plain_fees


def price_of_fax(fees: DidFees | None = None) -> Money:
    """What a fax number costs at once: its setup fee and its first month."""
    asked = fees or default_fax_fees()
    return asked.setup + asked.monthly


def order_fax_number(
    wish: FaxOrderWish, *, client_id: int, reference: str, by: Visitor | None = None
) -> uuid.UUID:
    """Accept the order of one fax number and set its price aside. In a transaction.

    The same ``reference`` again is the same order. Refused without enough money, when the price is
    no longer the one shown, and while no carrier is connected.
    """
    identity.hold_open_client(client_id)  # the same form sent twice at once finds the first
    known = known_order(reference)
    if known is not None:
        return known
    fees = default_fax_fees()
    check_terms(fees, wish.label)
    if not upstream.is_connected():
        raise Refused("Fax numbers cannot be ordered right now.", code="no_carrier")
    if price_of_fax(fees) != wish.total:
        raise Refused("The price has changed. Look at it again.", code="price_changed")
    holder = pricing.link_at(wish.sub_account_id)
    if holder is None or holder.client_id != client_id:
        raise InvalidInput("Choose one of your sub-accounts.", field="sub_account")
    kept = {
        "dids": [], "location": wish.location, "place": wish.place, "label": wish.label.strip(),
        "fees": plain_fees(fees), "charge_setup": True, "charge_monthly": True,
    }  # fmt: skip
    order = add_order(
        BUY, client_id, reference, [], [(StepKind.BUY_FAX, None, ""), (StepKind.LINK, None, "")],
        wish=kept, by=by,
    )  # fmt: skip
    order.sub_account_id = wish.sub_account_id
    set_aside(order, wish.total)
    session().flush()
    identity.record(
        "numbers.fax_ordered", by=by, client_id=client_id, place=wish.place,
        order=str(order.public_id),
    )  # fmt: skip
    start_order(order)
    return order.public_id


def fax_bought(work: OrderWork, step: StepRow, number: str) -> None:
    """The carrier has sold it: it is one of ours now, and this order's. In a transaction."""
    order = held_order(work)
    did = fax_did(normalise(number) or number[:20], work.order.place)
    mine = insert_once(
        DidReservation,
        {"did_id": did.id, "order_id": order.id, "reseller_id": scope.reseller_id()},
    )
    if not mine and order.wish.get("dids") != [str(did.public_id)]:
        raise Refused("Somebody else is connecting this number right now.", code="did_taken")
    order.wish = order.wish | {"dids": [str(did.public_id)]}
    session().execute(
        update(NumberStep).where(NumberStep.id == step.id).values(did_id=did.id),
        execution_options={"synchronize_session": False},
    )
    step_done(work, step, result=did.number)
