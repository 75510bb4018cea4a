"""What the demo asks of the practice carrier: accounts, numbers, contacts, a year of history."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

from portal.carriers import CarrierCall
from portal.core import clock
from portal.core.http import Outgoing
from portal.demo.people import DemoClient, DemoReseller
from portal.demo.pictures import insurance_card

HISTORY_DAYS = 365
# In the last days the traffic is what the lines say; before, it was less the longer ago it is.
_FULL_DAYS, _FROM_NOTHING = 62, 500
_SEASONS = (0.97, 0.95, 1.02, 1.0, 1.0, 0.96, 0.78, 0.82, 1.03, 1.05, 1.0, 0.86)
_FOR_EVER = 10 * 365 * 86_400
# Machines of the demo that do not simply print: for two attempts busy, and breaking off once.
_FAX_MACHINES = (("6135550166", "busy", 2), ("6135550167", "fails", 1))


def plant(
    control_url: str, reseller: DemoReseller, *, hook_url: str, allowed: frozenset[str]
) -> None:
    """Tell the practice carrier about a reseller; history is made the first time only."""
    body = {
        "history_days": HISTORY_DAYS,
        "resellers": [
            {
                "api_username": reseller.api_username,
                "api_password": reseller.api_password,
                "login": reseller.uid,
                "name": reseller.name,
                "allow_ips": ["127.0.0.1"],
                "balance": "412.08",
                "auto_recharge": True,
                "texts_per_day": 9,
                "sub_accounts": [
                    _line(line, client) for client in reseller.clients for line in client.lines
                ],
                "dids": [
                    _did(line, hook_url) for client in reseller.clients for line in client.lines
                ]
                + [{"did": did, "description": place} for did, place in reseller.spare],
                "faxes": [
                    {
                        "did": did,
                        "description": place,
                        "url": hook_url.removesuffix("sms") + "fax",
                        "url_enabled": "1",
                        "retry": "1",
                    }
                    for did, place in reseller.faxes
                ],
                "fax_machines": [
                    {"number": number, "behaviour": behaviour, "fails": fails}
                    for number, behaviour, fails in _FAX_MACHINES
                ],
                "contacts": [
                    contact for client in reseller.clients for contact in _contacts(client)
                ],
            }
        ],
    }
    _tell(control_url, "seed", body, allowed)


def send_pictures(control_url: str, reseller: DemoReseller, *, allowed: frozenset[str]) -> None:
    """Contacts of clients send what they have photographed."""
    for client in reseller.clients:
        if client.picture:
            _tell(control_url, "messages", _picture(client), allowed)


def _ask(control_url: str, path: str, allowed: frozenset[str]) -> Any:
    return _call("GET", control_url, path, None, allowed)


def _tell(control_url: str, path: str, body: dict[str, Any], allowed: frozenset[str]) -> Any:
    return _call("POST", control_url, path, json.dumps(body).encode(), allowed)


def _call(
    method: str, control_url: str, path: str, content: bytes | None, allowed: frozenset[str]
) -> Any:
    answer = Outgoing(allow_private=allowed).call(
        method,
        f"{control_url.rstrip('/')}/{path}",
        purpose="plant the demo",
        content=content,
        headers={"Content-Type": "application/json"},
        deadline_seconds=120,
    )
    if answer.status != 200:
        raise RuntimeError(f"The practice carrier refused the demo: {answer.text()[:300]}")
    return json.loads(answer.text())


def _picture(client: DemoClient) -> dict[str, Any]:
    """A contact's photograph comes in; the portal finds it in the carrier's list."""
    return {
        "did": client.lines[0].did,
        "contact": client.contacts[0][0],
        "message": client.picture,
        "media": ["data:image/jpeg;base64," + b64encode(insurance_card()).decode("ascii")],
        "quiet": True,
    }


def tell_past_faxes(
    control_url: str,
    files: dict[str, bytes],
    faxes: list[dict[str, Any]],
    *,
    allowed: frozenset[str],
) -> list[str]:
    """Faxes that the carrier has had; its ids of them."""
    kept = {name: b64encode(body).decode("ascii") for name, body in files.items()}
    told = _tell(control_url, "faxes/past", {"files": kept, "faxes": faxes}, allowed)
    return [str(number) for number in told["faxes"]]


def leg(control_url: str, call: CarrierCall, *, allowed: frozenset[str]) -> int:
    """The carrier's own number of a call in its list."""
    since = call.started_at.isoformat().replace("+00:00", "Z")
    until = (call.started_at + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    found = _ask(
        control_url, f"truth/calls?account={call.account}&since={since}&until={until}", allowed
    )
    return next(int(one["id"]) for one in found["calls"] if one["uniqueid"] == call.uniqueid)


def correct_call(control_url: str, number: int, *, seconds: int, allowed: frozenset[str]) -> None:
    """The carrier finds out that a call was longer than it said."""
    _tell(control_url, f"calls/{number}/correct", {"seconds": seconds}, allowed)


def lose_call(control_url: str, number: int, *, allowed: frozenset[str]) -> None:
    """The carrier's list no longer has a call."""
    _tell(control_url, f"calls/{number}/late", {"seconds": _FOR_EVER}, allowed)


def _shares(client: DemoClient) -> list[tuple[str, float]]:
    """From which day on a line had so much of today's traffic: it grows, and the seasons show."""
    today = clock.now().date()
    began = today - timedelta(days=client.since - 1)
    days = [began]
    while (following := (days[-1].replace(day=1) + timedelta(days=32)).replace(day=1)) <= today:
        days.append(following)
    recent = today - timedelta(days=_FULL_DAYS)
    return [
        (
            day.isoformat(),
            1.0
            if day > recent
            else round(_SEASONS[day.month - 1] * (1 - (today - day).days / _FROM_NOTHING), 2),
        )
        for day in days
    ]


def _line(line: Any, client: DemoClient) -> dict[str, Any]:
    return {
        "username": line.username,
        "description": line.description,
        "password": "Sturdy1pass",
        "callerid_number": line.did,
        "record_calls": int(line.is_recorded),
        "profile": {
            "calls_per_day": line.calls_per_day,
            "zone": "America/Toronto",
            "hours": "office",
            "inbound": line.inbound,
            "countries": list(line.countries),
            "shares": _shares(client),
            "mix": {"local": 0.5, "national": 0.34, "international": 0.12, "internal": 0.04},
        },
    }


def _did(line: Any, hook_url: str) -> dict[str, Any]:
    template = f"{hook_url}?to={{TO}}&from={{FROM}}&message={{MESSAGE}}&files={{MEDIA}}&id={{ID}}&date={{TIMESTAMP}}"
    return {
        "did": line.did,
        "account": line.username,
        "description": line.place,
        "sms_enabled": line.texts,
        "sms_url_callback": template,
        "sms_url_callback_enabled": True,
        "sms_url_callback_retry": True,
    }


def _contacts(client: DemoClient) -> list[dict[str, Any]]:
    if not client.lines:
        return []
    did = client.lines[0].did
    return [{"number": number, "name": name, "did": did} for number, name in client.contacts]
