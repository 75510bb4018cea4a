"""The pictures of the README. RINGFRONT_SCREENSHOTS=1 keeps them; otherwise they only must be possible."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import select

from portal.config import PROJECT
from portal.core.db import session
from portal.identity.models import Client
from portal.ledger import Reason
from portal.ledger.models import Transfer
from tests.e2e.installation import Installation, until
from tests.e2e.people import PHONE, People

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    if os.environ.get("RINGFRONT_SCREENSHOTS") == "1":
        kept = PROJECT / "docs" / "screenshots"
        kept.mkdir(parents=True, exist_ok=True)
        return kept
    return tmp_path


def _picture(page: Page, path: Path) -> None:
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(150)
    page.screenshot(path=path)
    _small(Image.open(path), path)


def _small(picture: Image.Image, path: Path) -> None:
    """A screen has few colours; with a palette its file is a third."""
    few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, "PNG", optimize=True)


def test_pictures_of_a_clients_portal(
    people: People, installation: Installation, folder: Path
) -> None:
    for width, ending in ((1440, ""), (PHONE, "-phone")):
        stranger = people.stranger("client", width=width)
        _picture(stranger.open("/login"), folder / f"client-login{ending}.png")
        priya = people.priya(width=width)
        _picture(priya.open("/dashboard"), folder / f"client-dashboard{ending}.png")
        page = priya.open("/calls?result=answered")
        page.locator("#calls tbody tr", has=page.locator(".price-link")).first.locator(
            ".price-link"
        ).click()
        page.wait_for_selector("dl.explain")
        _picture(page, folder / f"client-calls{ending}.png")
        _picture(priya.open("/balance"), folder / f"client-balance{ending}.png")
        page = priya.open("/messages")
        page.locator("a.conversation", has_text="Okafor").click()
        page.wait_for_selector("#composer")
        _picture(page, folder / f"client-messages{ending}.png")
        page = priya.open("/faxes")
        page.locator(".fax-row a").first.click()
        page.wait_for_selector("#fax-viewer img >> visible=true")
        _picture(page, folder / f"client-faxes{ending}.png")
        page = priya.open("/faxes?folder=drafts")
        page.locator(".fax-row a").first.click()
        page.wait_for_selector("#fax-paper img >> visible=true")
        _picture(page, folder / f"client-fax-new{ending}.png")
    _picture(people.priya(dark=True).open("/dashboard"), folder / "client-dashboard-dark.png")
    _picture(people.amelie().open("/dashboard"), folder / "client-dashboard-second-brand.png")

    assert len(list(folder.glob("client-*.png"))) == 16


def test_pictures_of_the_back_office(people: People, folder: Path) -> None:
    for width, ending in ((1440, ""), (PHONE, "-phone")):
        ines = people.ines(width=width)
        _picture(ines.open("/"), folder / f"reseller-dashboard{ending}.png")
        page = ines.open("/clients?q=harbourlight")
        page.locator("tbody a.row-link").first.click()
        page.wait_for_selector(".tabs, h1")
        _picture(page, folder / f"reseller-client{ending}.png")
        page = ines.open("/packages?q=office")
        page.locator("tbody a.row-link").first.click()
        page.wait_for_selector("#preview-price")
        _picture(page, folder / f"reseller-package{ending}.png")
        _picture(ines.open("/reports/global-cdr"), folder / f"reseller-report{ending}.png")
        page = ines.open("/clients")
        for box in page.locator("tbody input[type=checkbox]").all()[1:3]:
            box.check()
        page.get_by_text("2 selected").wait_for()
        _picture(page, folder / f"reseller-clients{ending}.png")
        _picture(ines.open("/configuration/branding"), folder / f"reseller-branding{ending}.png")
        page = ines.open("/configuration/messages")
        page.locator("a.row-link, .row a", has_text="Low balance").first.click()
        page.wait_for_selector("#editor")
        _picture(page, folder / f"reseller-words{ending}.png")

    assert len(list(folder.glob("reseller-*.png"))) == 14


def a_charged_recording(installation: Installation) -> tuple[uuid.UUID, ...]:
    """A client and the posting of a recording of theirs, as soon as there is one above nothing."""
    with installation.inside():
        row = session().execute(
            select(Client.public_id, Transfer.public_id)
            .join(Client, Client.id == Transfer.client_id)
            .where(Transfer.reason == Reason.RECORDING)
        ).first()  # fmt: skip
        return (row[0], row[1]) if row else ()


def test_pictures_of_money(people: People, installation: Installation, folder: Path) -> None:
    ines = people.ines()
    _picture(ines.open("/reports/financial"), folder / "money-financial.png")
    page = people.priya().open("/balance/add")
    page.locator("main form input[type=radio]").first.wait_for(state="attached")
    _picture(page, folder / "money-add-funds.png")

    client, posting = until(
        lambda: a_charged_recording(installation), what="the first recording", seconds=180
    )
    _picture(ines.open(f"/clients/{client}/postings/{posting}"), folder / "money-worksheet.png")

    assert len(list(folder.glob("money-*.png"))) == 3
