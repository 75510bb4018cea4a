"""Faxes in the browser: folders, the viewer, putting one together, and what others do not see."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import fax, ledger, numbers
from portal.core.db import session
from portal.core.money import Money
from portal.fax import Place
from portal.fax.models import Fax, FaxFolder
from portal.mail.models import OutgoingMail
from tests.browser import Browser
from tests.fax_things import give_faxes
from tests.web.client.test_acting import acting_as_a
from tests.world import World

Browse = Callable[..., Browser]
Things = dict[str, uuid.UUID]


@pytest.fixture
def own(world: World) -> Things:
    """Faxes of client a; client x has some of their own."""
    with world.within(world.x):
        give_faxes(world.x.id, "+16135550198")
    with world.within(world.a):
        return give_faxes(world.a.id, "+16135550155")


def test_a_folder_lists_its_faxes_and_finds_them_again(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    page = ada.open("/faxes")

    first, second = page.texts(".fax-row")
    assert "unread Unknown sender" in first
    assert "Riverside Orthodontics" in second
    assert "2 pages · $0.0240" in second
    assert "Inbox 2 unread" in page.text(".fax-folders")
    assert page.has(".menu-link[aria-current=page] .count")
    for words, found in (
        ({"q": "riverside"}, ["Riverside"]),
        ({"q": "819 555"}, ["Unknown"]),
        ({"until": "2020-01-01"}, []),
        ({"unread": "1", "number": "+16135550155"}, ["Unknown", "Riverside"]),
        ({"folder": "failed"}, ["The connection broke on page 2"]),
        ({"folder": "sending"}, ["Patterson"]),
        ({"folder": "drafts"}, ["No recipient"]),
        ({"folder": str(own["folder"])}, []),
    ):
        part = ada.open("/faxes", htmx=True, **words)
        assert len(part.all(".fax-row")) == len(found), words
        assert all(name in part.words for name in found), words
        assert bool(found) is not part.has(".empty")
    assert ada.open("/faxes", folder=str(uuid.uuid4())).status == 404


def test_the_search_in_the_header_finds_faxes_by_number_name_and_folder(
    world: World, own: Things, browse: Browse
) -> None:
    ada, owner = browse(world.a), browse(world.northwind.owner)
    with world.within(world.a):
        folder_id = session().scalar(select(FaxFolder.id).where(FaxFolder.name == "Referrals"))
        session().execute(
            update(Fax).where(Fax.public_id == own["received"]).values(folder_id=folder_id)
        )
    ada.open("/faxes")
    by_name = ada.submit(".bar-search", q="riverside")
    shown = ada.follow("Riverside Orthodontics")
    found = {
        text: ada.open("/search", q=text, htmx=True).text("#search-results")
        for text in ("613 555 0147", "referr", "patterson", "no recipient", "zzz%")
    }
    to_staff = owner.open("/staff/search", q="riverside", htmx=True)

    assert "Riverside Orthodontics" in by_name.text("#search-results")
    assert shown.status == 200
    assert shown.path.endswith(f"/faxes/{own['received']}")
    assert "Riverside Orthodontics" in found["613 555 0147"]
    assert "Riverside Orthodontics" in found["referr"]
    assert "Referrals Folder" in found["referr"]
    assert "Patterson" in found["patterson"]
    assert "Riverside" not in found["zzz%"]
    assert f"/staff/clients/{world.a.public_id}/faxes?q=riverside" in to_staff.body.decode()
    others = (
        browse(world.x).open("/search", q="riverside").all("#search-results a[href*='/faxes/']")
    )
    assert others
    assert not any(str(own["received"]) in str(one["href"]) for one in others)


def test_a_fax_is_read_by_opening_it_and_explains_itself(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    page = ada.open(f"/faxes/{own['received']}", zoom="150", turn="90")

    assert page.find("#fax-pages")["data-zoom"] == "150"
    assert [str(one["aria-label"]) for one in page.all("#fax-pages svg")] == [
        "Page 1 of 2",
        "Page 2 of 2",
    ]
    assert page.link("Reply").endswith("/faxes/new?to=%2B16135550147")
    with world.reading(world.a):
        assert fax.folders(world.a.id).unread == 1
    picture = ada.open(str(page.find("#page-1 image")["href"]))
    assert (picture.headers["Content-Type"], picture.headers["Cache-Control"]) == (
        "image/png",
        "private, no-store",
    )
    details = ada.open(f"/faxes/{own['sent']}/details", htmx=True)
    assert "$0.0360" in details.words
    assert "Fax at the number" in details.words
    failed = ada.open(f"/faxes/{own['failed']}", folder="failed")
    assert "The connection broke on page 2. You were not charged." in failed.text(".fax-told")
    pdf = ada.open(f"/faxes/{own['sent']}/report.pdf")
    assert pdf.headers["Content-Disposition"].startswith("attachment; filename=report-fax-")


def test_selected_faxes_are_moved_with_a_way_back_binned_and_downloaded(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open("/faxes")
    both = [str(own["received"]), str(own["other"])]

    moved = ada.submit("#faxes", htmx=True, chosen=both, to=str(own["folder"]))
    undo = moved.headers["HX-Trigger"]
    ada.open("/faxes", folder=str(own["folder"]))
    packed = ada.post("/faxes/selected/download", {"chosen": both, "as": "zip"})
    binned = ada.submit("#faxes", chosen=both[:1], do="bin")

    assert "2 faxes moved to Referrals" in undo
    assert "Undo" in undo
    assert len(ZipFile(io.BytesIO(packed.body)).namelist()) == 1
    assert "Unknown sender" in binned.words
    with world.reading(world.a):
        assert [row.public_id for row in fax.listing(world.a.id, Place.BIN).rows] == [
            own["received"]
        ]
    ada.post("/faxes/selected", {"folder": "bin", "do": "empty"})
    with world.reading(world.a):
        assert fax.folders(world.a.id).binned == 0


def test_own_folders_are_made_renamed_and_removed(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open("/faxes")

    again = ada.post("/faxes/folders", {"name": "réferrals"})
    page = ada.post("/faxes/folders", {"name": "Lab"})
    renamed = ada.post(page.path.split("?")[0].replace("/r/100482", ""), {})
    gone = ada.post(f"/faxes/folders/{own['folder']}/drop")

    assert again.status == 422
    assert "There is a folder of this name already." in again.words
    assert page.texts("#fax-list h2")[0] == "Lab"
    assert renamed.status == 405
    assert "Referrals" not in gone.text(".fax-folders")


def test_a_fax_is_put_together_priced_and_sent_once(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    page = ada.open(f"/faxes/drafts/{own['draft']}")
    assert "2 pages" in page.text("#fax-sum")
    assert page.has("#fax-sum button[disabled]"), "nobody to send it to"

    ada.submit("#fax-form", to="nobody at all", do="add-to")
    assert ada.page is not None
    assert "Enter a number with its area code" in ada.page.words
    ada.submit("#fax-form", to="613 555 0147; 416-555-0108", do="add-to")
    page = ada.open(f"/faxes/drafts/{own['draft']}")
    first, second = (str(one["data-place"]) for one in page.all(".fax-strip [data-place]"))
    ada.submit("#fax-form", do=f"down:{first}", cover="y", subject="Chart notes")
    page = ada.open(f"/faxes/drafts/{own['draft']}")

    assert [str(one["data-place"]) for one in page.all(".fax-strip [data-place]")] == [
        second,
        first,
    ]
    assert "3 pages" in page.text("#fax-sum")
    assert "2 recipients" in page.text("#fax-sum")
    form = {"do": "send", "sender": "+16135550155", "cover": "y", "subject": "Chart notes"}
    late = ada.submit("#fax-form", **form, when="later", at="2001-01-01T10:00")
    assert "This is past" in late.words
    left_out = ada.submit("#fax-form", **form, when="later", at="2027-03-14T02:30")
    assert "The next is 03:00" in left_out.text("#at-field")
    sent = ada.submit("#fax-form", **form, when="now")
    again = ada.post(f"/faxes/drafts/{own['draft']}", form)

    assert sent.title.endswith("Sending")
    assert again.title == sent.title
    with world.reading(world.a):
        assert fax.folders(world.a.id).sending == 3
        assert ledger.standing(world.a.id).held.micros > 0


def test_of_two_windows_with_one_draft_the_first_counts_and_the_other_is_told(
    world: World, own: Things, browse: Browse
) -> None:
    one, other = browse(world.a), browse(world.a)
    draft = f"/faxes/drafts/{own['draft']}"
    for window in (one, other):
        window.open(draft)
    mine = {"do": "send", "sender": "+16135550155", "cover": "y"}
    to_one = mine | {"to": "613 555 0147", "subject": "For the first"}
    to_other = mine | {"to": "416 555 0108", "subject": "For the second"}

    sent = one.post(draft, to_one)
    late = other.post(draft, to_other)
    kept = other.post(draft, mine | {"do": "discard"})
    with world.reading(world.a):
        [made] = [row for row in fax.listing(world.a.id, Place.SENDING).rows if row.due_at is None]

    assert (made.contact, made.subject) == ("+16135550147", "For the first")
    assert "goes out once" in late.words
    assert "Nothing was changed or deleted" in kept.words
    assert sent.title == late.title == kept.title

    with world.within(world.a):
        draft = f"/faxes/drafts/{fax.new_draft(world.a.id)}"
    other.open(draft)
    one.post(draft, {"do": "discard"})
    gone = other.post(draft, to_other)
    quick = other.post(draft, to_other, htmx=True)
    strange = browse(world.x).open(draft)

    assert (gone.status, gone.title) == (404, "This draft is gone")
    assert "Nothing was sent" in gone.text("main")
    assert other.ask("GET", gone.link("Drafts")).status == 200
    assert quick.status == 204
    assert (strange.status, strange.title) == (404, gone.title), (
        "as if it had been theirs, or nobody's"
    )
    with world.reading(world.a):
        assert fax.folders(world.a.id).sending == 2, "the one that was there, and the first"


def test_a_fax_that_the_balance_does_not_cover_says_its_price_and_where_funds_are_added(
    world: World, browse: Browse
) -> None:
    with world.within(world.b):
        own = give_faxes(world.b.id, "+16135550155")
    owen = browse(world.b)
    owen.open(f"/faxes/drafts/{own['draft']}")
    owen.submit("#fax-form", to="613 555 0147", do="add-to")
    page = owen.open(f"/faxes/drafts/{own['draft']}")
    assert not page.has("#fax-sum button[disabled]")
    with world.within(world.b):
        rest = ledger.standing(world.b.id).available - Money.of("0.01")
        ledger.hold(world.b.id, rest, source_type="test", source_id="1", kind="hold")

    refused = owen.submit("#fax-form", do="send", sender="+16135550155")
    again = owen.open(f"/faxes/drafts/{own['draft']}")

    assert refused.status == 422
    assert "Your balance does not cover this fax" in refused.text("#to-field")
    assert "This fax costs about $0.0450; your balance is $0.01." in again.text("#fax-sum .alert")
    assert again.has("#fax-sum button[disabled]")
    assert "Add funds" in owen.ask("GET", str(again.find("#fax-sum .alert a")["href"])).words
    with world.reading(world.b):
        assert fax.folders(world.b.id).drafts == 1


def test_nobody_beyond_the_fiftieth_is_left_out_in_silence(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open(f"/faxes/drafts/{own['draft']}")
    many = ", ".join(f"+1613555{number:04}" for number in range(100, 151))

    page = ada.submit("#fax-form", do="add-to", to=many)

    assert page.status == 422
    assert "at most 50 numbers" in page.words
    with world.reading(world.a):
        assert len(fax.draft(world.a.id, own["draft"]).recipients) < 2


def test_a_first_file_makes_a_draft_and_a_refused_one_says_why(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    page = ada.open("/faxes/new", to="+16135550147")
    assert page.find("#to")["value"] == "+16135550147"

    page = ada.submit("#fax-form", do="files", files=(io.BytesIO(b"Hello"), "letter.txt"))

    assert "letter.txt" in page.text("#fax-files")
    assert "Converting" in page.text("#fax-files")
    assert "613 555 0147" in page.text("#fax-recipients")
    refused = ada.submit("#fax-form", htmx=True, do="files", files=(io.BytesIO(b""), "empty.pdf"))
    assert refused.status == 422
    assert "empty.pdf: This file is empty." in refused.words


def test_a_fax_is_forwarded_by_mail_and_as_a_new_fax(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open(f"/faxes/{own['received']}/forward")

    wrong = ada.submit("main form.form", email="nobody")
    sent = ada.submit("main form.form", email="lab@example.com", note="Please call her.")
    again = ada.post(f"/faxes/{own['received']}/again")

    assert wrong.status == 422
    assert "The fax is on its way to lab@example.com." in sent.words
    with world.within(world.a):
        letter = session().scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc())).first()
        assert letter is not None
        assert (letter.recipient, bool(letter.attached)) == ("lab@example.com", True)
        assert "Please call her." in letter.text
    assert again.title == "Send a fax"
    assert "Forwarded fax.pdf" in again.text("#fax-files")


def test_faxes_of_others_and_without_the_service_are_not_there(
    world: World, own: Things, browse: Browse, configure: Callable[..., None]
) -> None:
    xena = browse(world.x)
    for path in ("", "/details", ".pdf", "/report.pdf"):
        assert xena.open(f"/faxes/{own['sent']}{path}").status == 404
    assert xena.open(f"/faxes/drafts/{own['draft']}").status == 404
    xena.post("/faxes/selected", {"chosen": str(own["received"]), "do": "bin"})
    with world.reading(world.a):
        assert fax.folders(world.a.id).binned == 0
    configure(world.northwind, "Office Standard", without=("fax",))
    ada = browse(world.a)
    assert ada.open("/faxes").status == 404
    assert "Faxes" not in ada.open("/dashboard").text("#menu")


def test_how_faxes_are_tried_again_and_kept_is_decided_by_whoever_leads(
    world: World, own: Things, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open("/faxes/settings")

    saved = ada.submit("#fax-policy", retries="4", retry_minutes="10", keep_days="365")
    ada.open("/faxes/settings")
    refused = ada.submit("#fax-policy", retries="9", retry_minutes="10", keep_days="")
    ada.open("/faxes/settings")
    wish = ada.submit("#fax-wish", wish="always")
    ada.open("/faxes/settings")
    forged = ada.submit("#fax-wish", wish="hourly")

    assert [saved.status, wish.status] == [200, 200], "led back to the page"
    assert [refused.status, forged.status] == [422, 422]
    with world.within(world.a):
        assert fax.policy(world.a.id) == fax.Policy(4, 10, 365)
    assert ada.open("/faxes/settings").text("#wish option[selected]") == "Always"


def test_staff_read_neither_the_subject_nor_the_drafts_of_a_client_who_does_not_let_them(
    world: World, own: Things, world_app: Flask
) -> None:
    with world.within(world.a):
        session().execute(
            update(Fax).values(subject="zebrafish", searched="zebrafish"),
            execution_options={"synchronize_session": False},
        )
    staff = acting_as_a(world_app, world, allow_changes=True)

    details = staff.open(f"/faxes/{own['sent']}/details")
    found = staff.open("/faxes", folder="sent", q="zebrafish")
    named = staff.open("/faxes", folder="sent", q="sunrise")
    draft = staff.open(f"/faxes/drafts/{own['draft']}")
    saved = staff.post(f"/faxes/drafts/{own['draft']}", {"do": "save", "sender": "+16135550155"})

    assert (details.status, "zebrafish" in details.words, "report.pdf" in details.body.decode()) == (
        200, False, False,
    )  # fmt: skip
    assert (len(found.all(".fax-row")), len(named.all(".fax-row"))) == (0, 1)
    assert (draft.status, saved.status) == (404, 404)
    drafts = staff.open("/faxes", folder="drafts")
    assert drafts.find("#fax-folders [aria-current]")["href"].endswith("folder=inbox")
    assert not drafts.has("#fax-folders a[href$='folder=drafts']")
    assert "only where the client allows it" in staff.open("/faxes/new").words


def test_a_draft_outlives_its_number_and_nonsense(
    world: World, own: Things, browse: Browse
) -> None:
    ada, draft = browse(world.a), f"/faxes/drafts/{own['draft']}"
    ada.open(draft)
    assert ada.post(draft, {"do": "drop-to:" + "9" * 5_000}).status == 200
    two = {"email": "a@b.test\r\nBcc: eve@evil.test"}
    assert ada.post(f"/faxes/{own['received']}/forward", two).status == 422
    with world.within(world.a):
        link = next(one.link_public_id for one in fax.fax_numbers(world.a.id))
        assert link is not None
        numbers.unconnect(link)

    page = ada.open(draft)
    gone = ada.post(draft, {"do": "discard"})

    assert (page.status, gone.status) == (200, 200)
    assert "Choose one of your fax numbers." in page.words
    assert "The draft is deleted." in gone.words
