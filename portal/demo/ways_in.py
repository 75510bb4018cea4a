"""How the demo's clients come in, and what of their packages differs: websites, names, services."""

from __future__ import annotations

from datetime import datetime

from portal import entitlements, identity, pbx, pricing
from portal.carriers import ServerPop
from portal.core.money import Money, percent_e4
from portal.entitlements import DEFAULT_ON, Service, View
from portal.pbx.servers import Found
from portal.pricing import PackageDetails

_DOMAINS = {"northwind": "northwind.example", "globex": "globex.example"}
_NAMED = {"Toronto": "toronto", "Montreal": "montreal"}


def open_ways(theme: str, servers: list[ServerPop], *, began: datetime) -> None:
    """In a transaction: the reseller's websites, a host name that is not proved yet, its servers' names.

    The names lead nowhere, since they are invented; so what DNS would say is written down.
    """
    domain = _DOMAINS[theme]
    identity.set_login_origins(f"https://www.{domain}\nhttps://shop.{domain}")
    identity.claim_hostname(f"phones.{domain}")
    pbx.record_servers(servers)
    for server in pbx.sip_servers():
        label = next(
            (label for place, label in _NAMED.items() if server.place.startswith(place)), ""
        )
        if label:
            named = pbx.name_server(server.public_id, f"{label}.sip.{domain}")
            pbx.note_server(named, Found(named.address, True))
    entitlements.save_default_configuration(
        View.STANDARD, {*DEFAULT_ON, Service.DID_ORDER, Service.CALL_RECORDINGS}
    )
    pricing.save_package(
        PackageDetails(
            "Message centre",
            markup_percent_e4=percent_e4("30"),
            monthly_fee=Money.of("4.00"),
            own_services=True,
            services=("contacts", "sms_mms"),
            hide_money=True,
        ),
        valid_from=began,
    )
