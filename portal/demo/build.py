"""Building the demo: through the services a person would reach from the back-office."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from portal import (
    billing,
    branding,
    calls,
    identity,
    ledger,
    messaging,
    numbers,
    payments,
    pbx,
    pricing,
    reconciling,
    upstream,
)
from portal.branding.css import GLOBEX as GLOBEX_THEME
from portal.branding.css import NORTHWIND as NORTHWIND_THEME
from portal.carriers import Route, ServerPop
from portal.core import clock
from portal.core.db import transaction
from portal.core.money import Money, percent_e4, rate_e8
from portal.core.period import next_after
from portal.core.queue import enqueue
from portal.core.registry import settings
from portal.core.scope import Scope, bind, unscoped
from portal.demo import carrier as practice
from portal.demo.brands import brand_of
from portal.demo.cards import open_practice
from portal.demo.exposure import watch
from portal.demo.faxes import fill_faxes, open_fax_mail
from portal.demo.history import bring_history_in, make_odd
from portal.demo.papers import write_papers
from portal.demo.people import RESELLERS, DemoClient, DemoPackage, DemoReseller
from portal.demo.phonebook import fill_phonebook
from portal.demo.prices import price_again
from portal.demo.reports import ask_for_reports
from portal.demo.ways_in import open_ways
from portal.demo.words import write_texts
from portal.identity import (
    Access,
    ClientDetails,
    ClientStatus,
    MemberRole,
    ResellerFacts,
    Role,
)
from portal.messaging import ConsentChange
from portal.numbers import ConnectWish, DidFees, MailboxWish, Ring
from portal.pricing import DeckLine, Fees, PackageDetails
from portal.tasks import REVIEW_BALANCE

_WANTS_NO_TEXTS = "Tomasz Wilk"
_THEMES = {"northwind": NORTHWIND_THEME, "globex": GLOBEX_THEME}
_FIRST_DIGITS = "123456789"
_ROUTES = {Route.VALUE: "value", Route.PREMIUM: "premium"}


def build(sandbox: dict[str, str]) -> dict[str, Any]:
    """Fill the demo once; later starts only bring addresses up to date. What ``demo.json`` says.

    ``sandbox`` holds the practice carrier's ``rest_url`` and ``control_url``.
    """
    told: dict[str, Any] = {"portal": settings().portal_url}
    for names, wanted in zip(
        (("reseller", "client"), ("other_reseller", "other_client")), RESELLERS, strict=True
    ):
        facts = _reseller(wanted, sandbox)
        told |= _logins(names, wanted, facts)
    first = RESELLERS[0]
    told["sandbox"] = {
        "rest_url": sandbox["rest_url"],
        "control_url": sandbox["control_url"],
        "api_username": first.api_username,
        "api_password": first.api_password,
    }
    return told


def _reseller(wanted: DemoReseller, sandbox: dict[str, str]) -> ResellerFacts:
    with unscoped("the demo looks for its reseller"):
        known = identity.reseller_by_uid(wanted.uid)
    if known is None:
        with unscoped("the demo adds its reseller"), transaction():
            known = identity.add_reseller(
                name=wanted.name,
                uid=wanted.uid,
                currency=wanted.currency,
                language=wanted.language,
                support_phone=wanted.support_phone,
            )
        fresh = True
    else:
        fresh = False
    with bind(Scope(known.id)):
        with transaction():
            upstream.connect_login(
                wanted.api_username, wanted.api_password, base_url=sandbox["rest_url"]
            )
        practice.plant(
            sandbox["control_url"],
            wanted,
            hook_url=f"{settings().portal_url}/hooks/voipms/{upstream.hook_secret()}/sms",
            allowed=settings().allow_private,
        )
        if fresh:
            practice.send_pictures(sandbox["control_url"], wanted, allowed=settings().allow_private)
            _fill(wanted, known, sandbox)
    return known


def _fill(wanted: DemoReseller, facts: ResellerFacts, sandbox: dict[str, str]) -> None:
    began = clock.now() - timedelta(days=practice.HISTORY_DAYS + 1)
    zone = ZoneInfo(facts.time_zone)
    name, email, password = wanted.owner
    chosen = identity.choose_password(password)
    with transaction():
        identity.save_company(
            replace(
                identity.company_of(facts),
                address=wanted.address,
                tax_numbers=wanted.tax_numbers,
                support_email=f"help@{wanted.website.rpartition('www.')[2]}",
                website=wanted.website,
            ),
            books_have_begun=lambda: False,
        )
        identity.add_staff(
            name=name, email=email, role=Role.OWNER, password=chosen, ask_second_step=False
        )
        owner_id = next(one.id for one in identity.team() if one.email == email)
        payments.save_gateway(payments.PRACTICE, on=True, live=False, public={}, secrets={})
        identity.save_sign_up_rules(is_on=True, shown=["company", "phone"], required=["company"])
        for who, mail, role in wanted.staff:
            identity.add_staff(name=who, email=mail, role=Role(role), password=chosen)
        branding.publish_look(brand_of(wanted.name, _THEMES[wanted.theme]), base=0, by=name)
        write_texts(wanted.theme)
        pricing.save_default_fees(_fees(wanted.fees), valid_from=began)
        if wanted.exchange:
            pricing.save_exchange_rate(rate_e8(wanted.exchange), valid_from=began)
        packages = {package.name: _package(package, began) for package in wanted.packages}
    servers = _read_carrier(began)
    client_password = identity.choose_password(wanted.client_password)
    with transaction():
        clients = [(client, _client(client, client_password)) for client in wanted.clients]
        for client, client_id in clients:
            _connect(client, client_id, wanted, packages)
            _team(client, client_id, wanted, client_password)
    at_odds = bring_history_in(clients, began, zone)
    make_odd(sandbox["control_url"], at_odds, allowed=settings().allow_private)
    fees = upstream.carrier().transactions(began, clock.now())
    with transaction():
        reconciling.record_charges(fees)
        calls.look_complete("charges", clock.now(), new=len(fees))
        for client, client_id in clients:
            _name_contacts(client, client_id)
    for client, client_id in clients:
        if client.fax_line:
            fill_faxes(client_id, client, zone, control_url=sandbox["control_url"])
            with transaction():
                open_fax_mail(client_id, client.email)
    write_papers(wanted.theme, [client_id for _, client_id in clients], began, zone)
    _order_numbers(wanted, clients[0][1])
    with transaction():
        calls.mark_complete(clock.now(), new=0)
        calls.look_complete("fax", clock.now(), new=0)
        open_ways(wanted.theme, servers, began=began)
        open_practice([client_id for _, client_id in clients])
        watch([client_id for client, client_id in clients if client.status != "wait"])
        with force_locale(facts.language):
            ask_for_reports(owner_id)
        usual, by_minute = (packages[package.name] for package in wanted.packages[:2])
        price_again(usual, by_minute, by_id=owner_id)
        for _, client_id in clients:
            enqueue(REVIEW_BALANCE, client_id=client_id)


def _read_carrier(began: datetime) -> list[ServerPop]:
    """Numbers, sub-accounts and both rate decks, as the periodic jobs read them; its servers."""
    line = upstream.carrier()
    accounts, dids, balance = line.sub_accounts(), line.dids(), line.balance()
    faxes, forwardings, mailboxes = line.fax_numbers(), line.forwardings(), line.voicemails()
    with transaction():
        upstream.note_ok(balance)
        pbx.record_accounts(accounts)
        numbers.record_inventory(dids, faxes)
        numbers.record_targets(forwardings, mailboxes)
    for route, name in _ROUTES.items():
        found = {
            rate.prefix: DeckLine(
                rate.prefix, rate.destination, rate.rate_e8, rate.increment_seconds
            )
            for digit in _FIRST_DIGITS
            for rate in line.termination_rates(digit, route)
            if len(rate.prefix) <= 12
        }
        with transaction():
            pricing.record_deck(name, list(found.values()), valid_from=began)
    return list(line.servers())


def _since(client: DemoClient) -> datetime:
    return clock.now() - timedelta(days=client.since)


def _client(client: DemoClient, password: identity.ChosenPassword) -> int:
    facts = identity.add_client(
        ClientDetails(
            first_name=client.first_name,
            last_name=client.last_name,
            company=client.company,
            email=client.email,
            city=client.city,
            state=client.state,
            phone=client.phone,
            language=client.language,
            balance_mode=client.balance_mode,
            low_balance_threshold=Money.of(client.threshold) if client.threshold else None,
        ),
        password=password,
        status=ClientStatus(client.status),
        since=None if client.status == "wait" else _since(client),
    )
    ledger.open_wallet(facts.id, mode=identity.BalanceMode(client.balance_mode))
    return facts.id


def _team(
    client: DemoClient, client_id: int, wanted: DemoReseller, password: identity.ChosenPassword
) -> None:
    ids = {row.account: row.id for row in pbx.all_sub_accounts()}
    for name, email, lines in client.team:
        only = frozenset(ids[f"{wanted.uid}_{line}"] for line in lines) if lines else None
        access = Access(MemberRole.MEMBER, only, sees_money=False)
        identity.add_member(client_id, name=name, email=email, access=access, password=password)


def _connect(
    client: DemoClient,
    client_id: int,
    wanted: DemoReseller,
    packages: dict[str, uuid.UUID],
) -> None:
    began = _since(client)
    accounts = {row.account: row for row in pbx.all_sub_accounts()}
    free = {row.number: row for row in numbers.free_dids()}
    fees = _did_fees(wanted.fees)
    for line in client.lines:
        account = accounts[f"{wanted.uid}_{line.username}"]
        pbx.describe(account.public_id, device=line.device)
        pbx.assign_package(
            account.public_id,
            client_id,
            packages[line.package],
            charge_setup=True,
            # In the midst of a month: some minutes are used, so the latest calls have prices.
            next_billing_day=next_after(
                ledger.posting_day(began), (clock.now() + timedelta(days=9)).day
            ),
            valid_from=began,
        )
        e911 = Money.of(wanted.fees["e911_monthly"]) if line is client.lines[0] else None
        numbers.connect_dids(
            [free[f"+1{line.did}"].public_id], account.id, replace(fees, e911_monthly=e911),
            client_id=client_id, label=line.label, valid_from=began,
        )  # fmt: skip
    for number, (words, amount, ago) in enumerate(client.add_ons):
        since = clock.now() - timedelta(days=ago)
        billing.add_add_on(
            client_id, description=words, amount=Money.of(amount),
            first_day=ledger.posting_day(since), reference=f"demo-{client_id}-{number}",
            valid_from=began,
        )  # fmt: skip
    if client.fax_line:
        first = accounts[f"{wanted.uid}_{client.lines[0].username}"]
        numbers.connect_dids(
            [free[f"+1{client.fax_line}"].public_id], first.id, numbers.default_fax_fees(),
            client_id=client_id, label="Fax", valid_from=began,
        )  # fmt: skip


def _order_numbers(wanted: DemoReseller, client_id: int) -> None:
    """A forwarded number with voicemail and a fax number, ordered as staff would: a job does it."""
    if not wanted.mobile:
        return
    free = {row.number: row.public_id for row in numbers.free_dids()}
    account = pbx.sub_accounts_of(client_id)[0]
    forwarded = ConnectWish(
        (free[f"+1{wanted.spare[0][0]}"],), account.id, account.account, _did_fees(wanted.fees),
        label="After hours", ring=Ring.FORWARD, forward_to=wanted.mobile,
        mailbox=MailboxWish("After hours", "", "4711"),
    )  # fmt: skip
    fax = ConnectWish(
        (free[f"+1{wanted.faxes[0][0]}"],), account.id, account.account,
        numbers.default_fax_fees(), label="Second fax",
    )  # fmt: skip
    with transaction():
        for wish in (forwarded, fax):
            numbers.order_connection(
                wish, client_id=client_id, reference=f"demo:{wish.label}:{client_id}"
            )


def _name_contacts(client: DemoClient, client_id: int) -> None:
    """Give contacts their names, and leave only what came today unread."""
    fill_phonebook(client, client_id, country="CA")
    yesterday = clock.now() - timedelta(hours=20)
    for row in messaging.conversations(client_id).rows:
        if row.unread > 3 or row.last_at < yesterday:
            messaging.mark_read(client_id, row.public_id)
    _settle_texts(client_id)


def _settle_texts(client_id: int) -> None:
    """One contact wants no more texts."""
    for row in messaging.conversations(client_id).rows:
        if row.title != _WANTS_NO_TEXTS:
            continue
        messaging.enter_consent(
            client_id, row.own_number, row.contact, ConsentChange.STOPPED,
            reason="By telephone, asked for calls instead",
        )  # fmt: skip


def _package(package: DemoPackage, began: datetime) -> uuid.UUID:
    public_id = pricing.save_package(
        PackageDetails(
            name=package.name,
            markup_fixed_e8=rate_e8(package.fixed),
            markup_percent_e4=percent_e4(package.percent),
            pulse_seconds=package.pulse,
            first_increment_seconds=package.first_increment,
            onnet_free=package.onnet_free,
            monthly_fee=Money.of(package.monthly),
            setup_fee=Money.of(package.setup),
            free_minutes=package.free_minutes,
        ),
        valid_from=began,
    )
    for kind, area, price in package.areas:
        pricing.set_area_rate(public_id, kind, area, rate_e8=rate_e8(price), valid_from=began)
    for kind, zone in package.zones:
        pricing.add_free_zone(public_id, kind, zone, valid_from=began)
    return public_id


def _fees(plain: dict[str, str]) -> Fees:
    rates = {name: rate_e8(value) for name, value in plain.items() if name.endswith("_minute")}
    amounts = {name: Money.of(value) for name, value in plain.items() if name not in rates}
    return Fees(**amounts, **{f"{name}_e8": value for name, value in rates.items()})  # type: ignore[arg-type]


def _did_fees(plain: dict[str, str]) -> DidFees:
    return DidFees(
        setup=Money.of(plain["did_setup"]),
        monthly=Money.of(plain["did_monthly"]),
        minute_e8=rate_e8(plain["did_minute"]),
        sms_in=Money.of(plain["sms_in"]),
        sms_out=Money.of(plain["sms_out"]),
        mms_in=Money.of(plain["mms_in"]),
        mms_out=Money.of(plain["mms_out"]),
    )


def _logins(names: tuple[str, str], wanted: DemoReseller, facts: ResellerFacts) -> dict[str, Any]:
    reseller, client = names
    _, email, password = wanted.owner
    return {
        reseller: {
            "login_url": f"{identity.staff_address()}/login",
            "email": email,
            "password": password,
            "uid": facts.uid,
        },
        client: {
            "login_url": f"{identity.portal_address(facts)}/login",
            "email": wanted.clients[0].email,
            "password": wanted.client_password,
        },
    }
