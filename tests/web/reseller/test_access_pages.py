"""How clients come in: the links and the form to copy, the websites, activation, the two versions."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from portal import identity
from tests.browser import Browser
from tests.world import PASSWORD, World

ACCESS, VERSION = "/staff/configuration/access", "/staff/configuration/access/version"


def fields_of(form_html: str) -> tuple[dict[str, str], dict[str, str]]:
    """The attributes of a form to copy, and its fields with their values."""
    form = BeautifulSoup(form_html, "html.parser").form
    assert form is not None
    inputs = {str(one["name"]): str(one.get("value", "")) for one in form.select("input")}
    return {name: str(value) for name, value in form.attrs.items()}, inputs


@pytest.mark.parametrize("which", ["typed", "filled"])
def test_the_form_to_copy_has_the_guides_fields_and_lets_a_client_in(
    owner: Browser, browser: Callable[..., Browser], world: World, which: str
) -> None:
    page = owner.open(ACCESS)

    form, inputs = fields_of(page.text(f"#{which}-form-html"))
    stranger = browser(world.northwind)
    filled = inputs | {"col_email": world.a.email, "col_password": PASSWORD}
    address = urlsplit(form["action"])
    own = f"{address.scheme}://{address.netloc}"
    inside = stranger.ask("POST", address.path, data=filled, headers={"Origin": own})

    assert (form["method"], form["target"]) == ("POST", "_NEW")
    assert set(inputs) == {"UID", "action", "col_email", "col_password", "SUBMIT"}
    assert (inputs["UID"], inputs["action"]) == (world.northwind.uid, "DirectLogin")
    assert inside.path == "/r/100482/dashboard"


def test_a_website_of_ones_own_fills_two_hidden_fields_in(owner: Browser) -> None:
    page = owner.open(ACCESS)

    form = BeautifulSoup(page.text("#filled-form-html"), "html.parser").form
    assert form is not None
    hidden = {one["name"]: one["value"] for one in form.select("input[type=HIDDEN]")}
    copied = [
        " ".join(str(one["data-copy"]).split()) for one in page.all("#auto-connect [data-copy]")
    ]

    assert hidden["col_email"] == "{client_email}"
    assert hidden["col_password"] == "{client_password}"
    assert copied == [page.text("#typed-form-html"), page.text("#filled-form-html")]


def test_links_and_form_name_the_hostname_once_there_is_one(owner: Browser, world: World) -> None:
    before = owner.open(ACCESS).text("#portal-address")
    with world.within(world.northwind):
        identity.set_hostname("phones.northwind.example")

    page = owner.open(ACCESS)

    assert before.endswith("/r/100482")
    assert page.text("#portal-address") == "http://phones.northwind.example"
    form, _ = fields_of(page.text("#filled-form-html"))
    assert form["action"] == "http://phones.northwind.example/site/login.php"


def test_websites_are_kept_as_browsers_spell_them(owner: Browser, world: World) -> None:
    owner.open(ACCESS)

    wrong = owner.submit("#websites-form", login_origins="https://good.example\nnot a website")
    kept_text = wrong.text("#login_origins")
    owner.open(ACCESS)
    page = owner.submit(
        "#websites-form",
        login_origins="HTTPS://WWW.Harbour.example:443/\n\nhttp://shop.example:8080",
    )

    assert wrong.status == 422
    assert "Write one website per line" in wrong.text("#login_origins-error")
    assert kept_text == "https://good.example not a website"
    assert page.text("#login_origins") == "https://www.harbour.example http://shop.example:8080"
    with world.reading(world.globex):
        assert identity.own_reseller().login_origins == ()


@pytest.mark.parametrize("path", ["/login", "/dashboard", "/forgot", "/messages", "/no-such-page"])
def test_a_portal_that_is_not_activated_answers_not_open_yet(
    owner: Browser, browse: Callable[..., Browser], world: World, path: str
) -> None:
    ada = browse(world.a)
    owner.open(VERSION)

    owner.submit("#activation form")

    page = ada.open(path)
    assert page.status in {503, 404}
    assert page.title == ("Page not found" if path == "/no-such-page" else "Not open yet")
    assert "Harbourlight" not in page.words


def test_opening_it_lets_everybody_in_again_and_nobody_else_was_shut_out(
    owner: Browser, browse: Callable[..., Browser], browser: Callable[..., Browser], world: World
) -> None:
    owner.open(VERSION)
    owner.submit("#activation form")
    mina = browse(world.x)
    closed = browser(world.northwind).ask(
        "POST", "/site/login.php",
        data={"UID": "100482", "action": "DirectLogin", "col_email": world.a.email, "col_password": PASSWORD},
    )  # fmt: skip

    page = owner.submit("#activation form")

    assert mina.open("/dashboard").status == 200
    assert closed.title == "Not open yet"
    assert page.text("#activation .badge") == "Activated"
    assert browse(world.a).open("/dashboard").status == 200


def test_the_classic_version_is_the_same_pages_with_another_style_sheet(
    owner: Browser, browse: Callable[..., Browser], world: World
) -> None:
    ada, mina = browse(world.a), browse(world.x)
    new = ada.open("/balance")
    owner.open(VERSION)

    owner.submit("#interface-form", interface="classic")

    classic = ada.open("/balance")
    assert not new.has("link[href*='classic.css']")
    assert classic.has("link[href*='classic.css']")
    assert classic.texts("main h1, main h2") == new.texts("main h1, main h2")
    assert not mina.open("/balance").has("link[href*='classic.css']")
    assert not owner.open(VERSION).has("link[href*='classic.css']")
    assert owner.post(VERSION, {"interface": "baroque"}).status == 422


def test_who_only_reads_changes_nothing_here(reader: Browser, world: World) -> None:
    page, version = reader.open(ACCESS), reader.open(VERSION)

    assert page.find("#login_origins").has_attr("readonly")
    assert not page.has("#websites-form button")
    assert not version.has("#activation form")
    for path in (ACCESS, VERSION, "/staff/configuration/access/deactivate"):
        assert reader.post(path, {}).status == 403
