"""Whether a sub-account's device is registered, and where extensions can be reached."""

from __future__ import annotations

from random import Random

from sandbox import clock
from sandbox.methods.catalogues import SERVERS
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method


@method("getRegistrationStatus")
def registration(request: Request) -> Answer:
    account = request.get("account")
    row = request.world.sub_account(account)
    mine = row is not None and row["reseller_id"] == request.reseller_id
    if not mine and account != request.reseller["login"]:
        raise Refusal("invalid_account")
    draw = Random(f"registered:{account}")
    if draw.random() < 0.1:  # some people never plug their telephone in
        return {"registered": "no", "registrations": []}
    server = draw.choice(SERVERS)
    return {
        "registered": "yes",
        "rerouted": "0",
        "from_server_pop": server["server_pop"],
        "registrations": [
            {name: server[name] for name in server if name != "server_recommended"}
            | {
                "register_ip": f"198.51.100.{draw.randrange(1, 255)}",
                "register_port": str(draw.randrange(1024, 65535)),
                "register_next": clock.wall_clock(clock.now_seconds() + draw.randrange(30, 300)),
                "register_protocol": "SIP",
                "register_transport": draw.choice(("UDP", "TCP", "TLS")),
            }
        ],
    }


@method("getLocations")
def locations(request: Request) -> Answer:
    rows = request.store.rows(
        "SELECT * FROM locations WHERE reseller_id = ? ORDER BY id", request.reseller_id
    )
    return {"locations": ["Reachable by everyone", *(row["name"] for row in rows)]}


@method("setLocation")
def set_location(request: Request) -> Answer:
    name = request.get("name")
    if request.store.one(
        "SELECT 1 FROM locations WHERE reseller_id = ? AND name = ?", request.reseller_id, name
    ):
        raise Refusal("location_already_exists")
    request.store.insert("locations", reseller_id=request.reseller_id, name=name)
    return {}


@method("delLocation")
def delete_location(request: Request) -> Answer:
    if not request.get("name") and not request.get("id"):
        raise Refusal("missing_location_name")
    gone = request.store.run(
        "DELETE FROM locations WHERE reseller_id = ? AND (name = ? OR id = ?)",
        request.reseller_id, request.get("name"), request.get("id"),
    )  # fmt: skip
    if not gone:
        raise Refusal("location_not_found")
    return {}
