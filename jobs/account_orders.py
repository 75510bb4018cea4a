"""Sub-accounts created at the carrier: exactly one each, and given to their client."""

from __future__ import annotations

from datetime import timedelta

from jobs.runtime import job
from portal import pbx
from portal.carriers import CarrierError
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import DomainError, NotFound
from portal.core.failpoints import failpoint

_SOON = timedelta(minutes=2)


@job
def create_sub_account(order_id: int) -> None:
    """Create it unless it is there already, then keep it and link it."""
    with transaction():
        work = pbx.take_account_order(order_id)
    if work is None:
        return
    failpoint("account.taken")
    try:
        there = pbx.find_at_carrier(work.new.username)
        if there is None:
            with transaction():
                pbx.account_asked(work)
            failpoint("account.asked")
            there = pbx.create_at_carrier(work.new)
        elif not work.asked:
            with transaction():
                pbx.account_refused(work, "A sub-account with this name exists already.")
            return
    except CarrierError as error:
        with transaction():
            if error.permanent:
                pbx.account_refused(work, error.sentence)
            else:
                pbx.account_waits(work, error.sentence, again_at=clock.now() + _SOON)
        return
    except NotFound as error:
        with transaction():
            pbx.account_waits(work, error.message, again_at=clock.now() + _SOON)
        return
    except DomainError as error:  # somebody took the name in this very moment
        with transaction():
            pbx.account_refused(work, error.message)
        return
    failpoint("account.made")
    try:
        with transaction():
            pbx.account_made(work, there)
    except DomainError as error:
        with transaction():
            pbx.account_refused(work, error.message, made=there)
