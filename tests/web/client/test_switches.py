"""Every switch against every page: what is off is gone from the menu, from pages, parts, links and streams."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from bs4 import Tag
from flask import Flask
from werkzeug.exceptions import HTTPException

from portal import entitlements, ledger, messaging
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.entitlements import FEATURES, MONEY, Service, View
from portal.messaging import Draft
from portal.web.live import Hub, Listener
from tests.architecture.access import Door, declared, doors
from tests.architecture.people import everybody, things
from tests.browser import Browser
from tests.parts import Parts
from tests.worker import work
from tests.world import World

# Declared by hand: which services a page or an action is behind. A new one of the client's portal needs a line.
BEHIND: dict[str, set[Service]] = {
    "balance": {Service.BALANCE},
    "add_funds": {Service.BALANCE},
    "add_card": {Service.BALANCE},
    "card_back": {Service.BALANCE},
    "check_card": {Service.BALANCE},
    "choose_card": {Service.BALANCE},
    "remove_card": {Service.BALANCE},
    "practice_card": {Service.BALANCE},
    "press_practice_card": {Service.BALANCE},
    "top_up": {Service.BALANCE},
    "save_top_up": {Service.BALANCE},
    "begin_payment": {Service.BALANCE},
    "funds_total": {Service.BALANCE},
    "payment": {Service.BALANCE},
    "payment_back": {Service.BALANCE},
    "payment_cancelled": {Service.BALANCE},
    "practice": {Service.BALANCE},
    "press_practice": {Service.BALANCE},
    "invoices": {Service.BALANCE},
    "invoice": {Service.BALANCE},
    "invoice_pdf": {Service.BALANCE},
    "make_invoice_pdf": {Service.BALANCE},
    "usage": {Service.BALANCE},
    "usage_csv": {Service.BALANCE},
    "calls_xlsx": {Service.CDR},
    "message_price": {Service.SMS_MMS, Service.BALANCE},
    "balance_amount": {Service.BALANCE},
    "balance_chip": {Service.BALANCE},
    "balance_csv": {Service.BALANCE},
    "posting": {Service.BALANCE},
    "balance_usage": {Service.BALANCE},
    "statements": {Service.BALANCE},
    "statement_pdf": {Service.BALANCE},
    "report_file": {Service.BALANCE},
    "report_download": {Service.BALANCE},
    "report_delete": {Service.BALANCE},
    "profile_low_balance": {Service.BALANCE},
    "calls": {Service.CDR},
    "calls_csv": {Service.CDR},
    "calls_totals": {Service.CDR},
    "call_explain": {Service.CDR, Service.BALANCE},
    "contacts": {Service.CONTACTS},
    "contacts_csv": {Service.CONTACTS},
    "contacts_vcf": {Service.CONTACTS},
    "contacts_import": {Service.CONTACTS},
    "contacts_upload": {Service.CONTACTS},
    "contact_import": {Service.CONTACTS},
    "contact_import_columns": {Service.CONTACTS},
    "contact_import_apply": {Service.CONTACTS},
    "contact_import_discard": {Service.CONTACTS},
    "contacts_bulk": {Service.CONTACTS},
    "contacts_twice": {Service.CONTACTS},
    "contact": {Service.CONTACTS},
    "contact_new": {Service.CONTACTS},
    "contact_add": {Service.CONTACTS},
    "contact_edit": {Service.CONTACTS},
    "contact_save": {Service.CONTACTS},
    "contact_groups": {Service.CONTACTS},
    "contact_group": {Service.CONTACTS},
    "contact_group_add": {Service.CONTACTS},
    "contact_group_save": {Service.CONTACTS},
    "contact_group_delete": {Service.CONTACTS},
    "fax_act": {Service.FAX},
    "fax_again": {Service.FAX},
    "fax_begin": {Service.FAX},
    "fax_cancel": {Service.FAX},
    "fax_contacts": {Service.FAX},
    "fax_details": {Service.FAX},
    "fax_draft": {Service.FAX},
    "fax_draft_save": {Service.FAX},
    "fax_folder_add": {Service.FAX},
    "fax_folder_drop": {Service.FAX},
    "fax_folder_rename": {Service.FAX},
    "fax_forward": {Service.FAX},
    "fax_mail": {Service.FAX},
    "fax_mail_box": {Service.FAX},
    "fax_mail_on": {Service.FAX},
    "fax_mail_renew": {Service.FAX},
    "fax_mail_save": {Service.FAX},
    "fax_new": {Service.FAX},
    "fax_one": {Service.FAX},
    "fax_page": {Service.FAX},
    "fax_pdf": {Service.FAX},
    "fax_report": {Service.FAX},
    "fax_retry": {Service.FAX},
    "fax_settings": {Service.FAX},
    "fax_settings_save": {Service.FAX},
    "fax_thumb": {Service.FAX},
    "fax_wish_save": {Service.FAX},
    "faxes": {Service.FAX},
    "faxes_act": {Service.FAX},
    "faxes_download": {Service.FAX},
    "faxes_folders": {Service.FAX},
    "change_message_files": {Service.SMS_MMS},
    "message_file": {Service.SMS_MMS},
    "message_files": {Service.SMS_MMS},
    "message_recipients": {Service.SMS_MMS},
    "message_thumbnail": {Service.SMS_MMS},
    "fax_numbers": {Service.FAX},
    "fax_number": {Service.FAX},
    "fax_number_save": {Service.FAX},
    "fax_number_search": {Service.FAX, Service.DID_ORDER, Service.BALANCE},
    "fax_number_confirm": {Service.FAX, Service.DID_ORDER, Service.BALANCE},
    "fax_number_order": {Service.FAX, Service.DID_ORDER, Service.BALANCE},
    "fax_port": {Service.FAX, Service.DID_ORDER, Service.BALANCE},
    "fax_port_ask": {Service.FAX, Service.DID_ORDER, Service.BALANCE},
    "messages": {Service.SMS_MMS},
    "messages_bulk": {Service.SMS_MMS},
    "message_bulk": {Service.SMS_MMS},
    "message_bulk_new": {Service.SMS_MMS},
    "message_bulk_begin": {Service.SMS_MMS},
    "message_bulk_write": {Service.SMS_MMS},
    "message_bulk_start": {Service.SMS_MMS},
    "message_bulk_pause": {Service.SMS_MMS},
    "message_bulk_resume": {Service.SMS_MMS},
    "message_bulk_stop": {Service.SMS_MMS},
    "message_bulk_discard": {Service.SMS_MMS},
    "message_bulk_csv": {Service.SMS_MMS},
    "messages_later": {Service.SMS_MMS},
    "message_later": {Service.SMS_MMS},
    "message_later_begin": {Service.SMS_MMS},
    "message_later_save": {Service.SMS_MMS},
    "message_later_cancel": {Service.SMS_MMS},
    "message_later_now": {Service.SMS_MMS},
    "message_templates": {Service.SMS_MMS},
    "message_template": {Service.SMS_MMS},
    "message_template_new": {Service.SMS_MMS},
    "message_template_add": {Service.SMS_MMS},
    "message_template_save": {Service.SMS_MMS},
    "message_template_delete": {Service.SMS_MMS},
    "message_template_move": {Service.SMS_MMS},
    "consents": {Service.SMS_MMS},
    "text_numbers": {Service.SMS_MMS},
    "text_number": {Service.SMS_MMS},
    "save_text_number": {Service.SMS_MMS},
    "test_text_number": {Service.SMS_MMS},
    "renew_text_secret": {Service.SMS_MMS},
    "relay_again": {Service.SMS_MMS},
    "profile_privacy": {Service.SMS_MMS},
    "enter_consent": {Service.SMS_MMS},
    "consents_csv": {Service.SMS_MMS},
    "text_answers": {Service.SMS_MMS},
    "save_text_answers": {Service.SMS_MMS},
    "messages_send": {Service.SMS_MMS},
    "message_new": {Service.SMS_MMS},
    "message_retry": {Service.SMS_MMS},
    "contact_name": {Service.SMS_MMS},
    "conversation": {Service.SMS_MMS},
    "conversation_tail": {Service.SMS_MMS},
    "conversation_done": {Service.SMS_MMS},
    "conversation_archive": {Service.SMS_MMS},
    "conversation_assign": {Service.SMS_MMS},
    "conversation_confirm_delete": {Service.SMS_MMS},
    "conversation_delete": {Service.SMS_MMS},
    "conversation_note": {Service.SMS_MMS},
}
ALWAYS = {
    "dashboard", "figures", "registration", "live_stream", "counts",
    "bell", "bell_read", "notifications", "notifications_save", "push_key", "push_subscribe", "sub_account",
    "profile", "profile_preferences", "profile_password", "profile_end_session",
    "search", "second_step", "second_step_begin", "second_step_change", "second_step_confirm",
    "recovery_codes_file", "export", "export_ask", "export_delete", "export_download", "export_file", "team", "team_access", "team_disable", "team_enable", "team_invite", "team_member", "team_resend", "team_reset_second_step", "team_send_invitation", "team_withdraw",
}  # fmt: skip
IN_THE_MENU = {"dashboard", "calls", "messages", "faxes", "contacts", "balance", "profile"}


@dataclass(frozen=True)
class Setting:
    """One way to set the switches."""

    off: frozenset[Service] = frozenset()
    view: View = View.STANDARD
    hide_money: bool = False

    def __str__(self) -> str:
        off = ", ".join(sorted(self.off)) if len(self.off) < 9 else f"{len(self.off)} services"
        return f"without {off or 'nothing'}, {self.view}, {'no ' if self.hide_money else ''}money"

    @property
    def gone(self) -> frozenset[Service]:
        """Every service that nobody can use then."""
        features = FEATURES if self.view is View.SIMPLE_HIDDEN else frozenset()
        return self.off | features | (MONEY if self.hide_money else frozenset())

    def hides(self, endpoint: str) -> bool:
        return bool(BEHIND.get(endpoint.removeprefix("client."), set()) & self.gone)


def settings() -> Iterator[Setting]:
    """Each switch alone that a page is behind, all the others together, and the views, with money and without."""
    used = frozenset[Service]().union(*BEHIND.values())
    yield from (Setting(frozenset({service})) for service in sorted(used))
    yield Setting(frozenset(Service) - used)
    yield Setting(frozenset(Service))
    yield from (Setting(view=view, hide_money=hidden) for view in View for hidden in (False, True))


@pytest.fixture
def switch(world: World) -> Callable[[Setting], None]:
    """Save a setting as Northwind's default; the packages of its clients follow it."""

    def save(setting: Setting) -> None:
        with world.within(world.northwind):
            entitlements.save_default_configuration(
                setting.view,
                [service.value for service in Service if service not in setting.off],
                hide_money=setting.hide_money,
            )

    return save


@pytest.fixture
def pages(world_app: Flask, world: World) -> list[tuple[Door, str]]:
    """Every page and action of the client's portal with an address below it, for client a."""
    everybody(world_app, world)
    known = things(world)
    found = []
    for door in doors(world_app):
        if door.blueprint == "client":
            values = {
                name: known[kind]["a"] if kind else declared()["words"][name]
                for name, kind in door.kinds
            }
            found.append((door, door.path(values)))
    return found


def leads_to(app: Flask, base: str, elements: Iterable[Tag | dict[str, str | None]]) -> set[str]:
    """The endpoints of the portal that these elements link to, ask for or post to."""
    methods = {"href": "GET", "hx-get": "GET", "action": "POST", "hx-post": "POST"}
    urls, found = app.url_map.bind("localhost"), set()
    for element in elements:
        for name, method in methods.items():
            address = str(element.get(name) or "").partition("?")[0].partition("#")[0]
            if name == "action" and element.get("method") == "get":
                method = "GET"
            if address.startswith(base + "/"):
                with suppress(HTTPException):
                    found.add(urls.match(address.removeprefix(base), method)[0])
    return found


def problems(
    app: Flask, ada: Browser, pages: Iterable[tuple[Door, str]], setting: Setting
) -> Iterator[str]:
    """What does not go by the switches."""
    menu = leads_to(app, ada.base, ada.open("/dashboard").all("#menu-groups a"))
    wanted = {f"client.{name}" for name in IN_THE_MENU if not setting.hides(name)}
    if menu != wanted:
        yield f"{setting}: the menu has {sorted(menu ^ wanted)} wrong"
    for door, path in pages:
        hidden = setting.hides(door.endpoint)
        if door.method != "GET":
            if hidden and ada.post(path, {}).status != 404:
                yield f"{setting}: {door.name} can be done"
            continue
        if door.endpoint == "client.live_stream":
            continue  # open for ever; what it says is looked at below
        headers = {"HX-Request": "true"} if door.name in declared()["loose"]["parts"] else {}
        answer = ada._send("GET", ada.base + path, headers)
        if hidden != (answer.status_code == 404):
            if door.name not in declared()["loose"]["in_a_state"]:
                yield f"{setting}: {door.name} answers {answer.status_code}"
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        page = Parts(answer.text)
        dead = {one for one in leads_to(app, ada.base, page.elements) if setting.hides(one)}
        if dead:
            yield f"{setting}: {door.name} leads to {sorted(dead)}"
        if setting.hide_money and re.search(
            r"\$\s?\d|\d\s?\$", " ".join(page.texts + page.choices)
        ):
            yield f"{setting}: {door.name} speaks of money"


def test_every_page_of_the_portal_says_which_services_it_is_behind(
    pages: list[tuple[Door, str]],
) -> None:
    there = {door.endpoint.removeprefix("client.") for door, _ in pages}

    assert there - set(BEHIND) - ALWAYS == set(), "say in BEHIND or ALWAYS of this file"
    assert (set(BEHIND) | ALWAYS) - there == set(), "these are gone"


def test_every_switch_against_every_page(
    world_app: Flask,
    world: World,
    browse: Callable[..., Browser],
    pages: list[tuple[Door, str]],
    switch: Callable[[Setting], None],
) -> None:
    ada = browse(world.a)

    found = []
    for setting in settings():
        switch(setting)
        found += problems(world_app, ada, pages, setting)

    assert found == [], "\n".join(found)


def test_the_walk_catches_a_page_that_does_not_ask(
    world_app: Flask,
    world: World,
    browse: Callable[..., Browser],
    pages: list[tuple[Door, str]],
    switch: Callable[[Setting], None],
) -> None:
    ada, setting = browse(world.a), Setting(frozenset({Service.CDR}))
    switch(setting)
    asleep = world_app.view_functions["client.calls"]

    world_app.view_functions["client.calls"] = lambda: "all calls"
    try:
        found = list(problems(world_app, ada, pages, setting))
    finally:
        world_app.view_functions["client.calls"] = asleep

    assert found == [f"{setting}: client.calls GET answers 200"]


def test_simple_leaves_out_call_types_spending_and_technical_details(
    world: World, browse: Callable[..., Browser], switch: Callable[[Setting], None]
) -> None:
    ada = browse(world.a)
    said = {"/dashboard": ".figure-label", "/calls": "main td, main label", "/balance": "main dt"}
    full = {path: ada.open(path).texts(words) for path, words in said.items()}

    switch(Setting(view=View.SIMPLE))

    less = {path: ada.open(path).texts(words) for path, words in said.items()}
    gone = {path: set(full[path]) - set(less[path]) for path in said}
    assert "This month" in gone["/dashboard"]
    assert {"This month", "Today"} <= gone["/balance"]
    assert "Outgoing" in gone["/calls"]
    assert any("100482_reception" in words for words in gone["/calls"])


def test_nobody_texts_from_a_number_whose_sub_account_has_no_texts(
    world: World, browse: Callable[..., Browser], configure: Callable[..., None]
) -> None:
    bob = browse(world.b)
    form = bob.open("/messages/new").has("textarea")
    draft = Draft(world.b.dids[0], "+16135550199", "Still there?", "one-text")

    configure(world.northwind, "Pay as you go", without=("sms_mms",))

    assert form
    with world.within(world.b), pytest.raises(InvalidInput) as refused:
        messaging.queue(world.b.id, draft)
    assert refused.value.field == "sender"


def test_a_text_whose_service_is_switched_off_meanwhile_does_not_go_out(
    world: World, browse: Callable[..., Browser], configure: Callable[..., None]
) -> None:
    draft = Draft(world.b.dids[0], "+16135550199", "Still there?", "one-text")
    with world.within(world.b):
        sent = messaging.queue(world.b.id, draft).public_id

    configure(world.northwind, "Pay as you go", without=("sms_mms",))
    work()
    configure(world.northwind, "Pay as you go")

    bob = browse(world.b)
    with world.reading(world.b):
        thread = messaging.conversation_of(world.b.id, sent)
    page = bob.open(f"/messages/{thread.public_id}")
    assert "switched off for this number" in page.words
    with world.reading(world.b):
        assert ledger.standing(world.b.id).held == Money(0)


def test_a_stream_does_not_even_name_what_is_off(world_app: Flask) -> None:
    hub: Hub = world_app.extensions["live"]
    listener = Listener(1, 7, None, frozenset({"balance-changed"}), since_ms=0)
    assert hub.join(listener)

    for name in ("balance-changed", "conversation-changed"):
        hub._hand_on(1, {b"of": f'[[1, 7, "{name}", null]]'.encode()})

    assert listener.next() == ["conversation-changed"]
    hub.leave(listener)
