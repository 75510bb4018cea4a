"""One process of a crowd that works on the same books at once: started by tests, told by argv.

Waits until every process of the crowd stands at the gate, does its work, and prints what came of it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from flask import Flask

from portal import ledger
from portal.core.db import db, transaction
from portal.core.errors import InsufficientBalance
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.ledger import Charge, Reason


def hold_one_each(me: str, client: int, times: int) -> int:
    """Set 1 aside ``times`` times, each for another source, and pay it; how many were accepted."""
    accepted = 0
    for number in range(times):
        source = {"source_type": "message", "source_id": f"{me}-{number}", "kind": "sms"}
        try:
            with transaction():
                ledger.hold(client, Money(1), **source)
                if number % 4 == 0:
                    ledger.post_hold(**source, reason=Reason.SMS)
        except InsufficientBalance:
            continue
        accepted += 1
    return accepted


def same_sources(_me: str, client: int, times: int) -> int:
    """Charge, pay and hold for the same sources as everybody else; how much was new."""
    new = 0
    for number in range(times):
        name = {"source_type": "thing", "source_id": str(number)}
        with transaction():
            new += ledger.charge(client, Money(3), reason=Reason.CALL, kind="call", **name).new
        with transaction():
            new += ledger.credit(client, Money(5), kind="payment", **name).new
        with transaction():
            new += ledger.hold(client, Money(2), kind="sms", **name).new
        with transaction():
            new += ledger.post_hold(**name, kind="sms", reason=Reason.SMS).new
        with transaction():
            ledger.hold(client, Money(7), kind="mms", **name)
        with transaction():
            new += ledger.void_hold(**name, kind="mms")
    return new


def both_ways(me: str, first: int, times: int) -> int:
    """Charge two clients in one transaction, in this order or the other; how much was new."""
    second = int(os.environ["SECOND_CLIENT"])
    order = [first, second] if int(me) % 2 else [second, first]
    new = 0
    for number in range(times):
        entries = [
            Charge(client, Money(1), Reason.CALL, "call", f"{me}-{number}-{client}", "price")
            for client in order
        ]
        with transaction():
            new += sum(posted.new for posted in ledger.charge_many(entries))
    return new


WORK = {"hold": hold_one_each, "same": same_sources, "both": both_ways}


def main() -> None:
    work, me, reseller, client, times, gate = sys.argv[1:]
    # Only the database of the portal: eight whole applications would take longer to start than to run.
    app = Flask("crowd")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    with app.app_context(), bind(Scope(int(reseller))):
        Path(gate, me).touch()
        while not Path(gate, "open").exists():
            time.sleep(0.005)
        print(json.dumps(WORK[work](me, int(client), int(times))))
        db.session.remove()
        db.engine.dispose()
