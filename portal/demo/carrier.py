"""What the demo asks of the practice carrier: accounts, numbers, contacts, months of history."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from portal.core.http import Outgoing
from portal.demo.people import DemoClient, DemoReseller
from portal.demo.pictures import insurance_card

HISTORY_DAYS = 91
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
                    _line(line) for client in reseller.clients for line in client.lines
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


def _tell(control_url: str, path: str, body: dict[str, Any], allowed: frozenset[str]) -> None:
    answer = Outgoing(allow_private=allowed).call(
        "POST",
        f"{control_url.rstrip('/')}/{path}",
        purpose="plant the demo",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        deadline_seconds=120,
    )
    if answer.status != 200:
        raise RuntimeError(f"The practice carrier refused the demo: {answer.text()[:300]}")


def _picture(client: DemoClient) -> dict[str, Any]:
    """A contact's photograph comes in; the portal finds it in the carrier's list."""
    return {
        "did": client.lines[0].did,
        "contact": client.contacts[0][0],
        "message": client.picture,
        "media": ["data:image/jpeg;base64," + b64encode(insurance_card()).decode("ascii")],
        "quiet": True,
    }


def _line(line: Any) -> dict[str, Any]:
    return {
        "username": line.username,
        "description": line.description,
        "password": "Sturdy1pass",
        "callerid_number": line.did,
        "profile": {
            "calls_per_day": line.calls_per_day,
            "zone": "America/Toronto",
            "hours": "office",
            "inbound": line.inbound,
            "countries": list(line.countries),
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
