"""Messages: the reseller's own words, from the form to the client's dashboard and to the mail server."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from portal import branding, identity, mail, payments, wording
from portal.core.db import session, transaction
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.scope import unscoped
from portal.mail import MailName
from portal.mail.models import OutgoingMail
from portal.wording import WELCOME, UnknownNames
from tests.browser import Browser, Page
from tests.wording.test_document import delta, op
from tests.world import Shop, World

Browse = Callable[..., Browser]
MESSAGES = "/staff/configuration/messages"
LOW, RESET = f"{MESSAGES}/low_balance/en", f"{MESSAGES}/reset_password/en"
WORDS = json.dumps(delta(op("Hello "), op("[firstname]", bold=True, color="red"), op("\n")))


def words(*ops: dict[str, Any]) -> wording.Document:
    return wording.from_delta(delta(*ops))


def save(world: World, shop: Shop, name: str, language: str, subject: str, *ops: Any) -> None:
    kind = WELCOME if name == "welcome" else mail.kind_of(MailName(name))
    with world.within(shop):
        wording.save_text(kind, language, subject, words(*ops), version=0)


def written_mails() -> list[OutgoingMail]:
    with unscoped("a test"), transaction():
        return list(session().scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def test_every_mail_is_in_the_list_and_every_text_has_an_editor(owner: Browser) -> None:
    page = owner.open(MESSAGES)

    assert page.texts("tbody .row-link")[:3] == [
        "Welcome text", "Low balance", "Reset password: the link",
    ]  # fmt: skip
    assert len(page.all("tbody tr")) == 1 + len(mail.EDITABLE)
    for link in {str(one["href"]) for one in page.all("tbody .row-link")}:
        assert owner.open(link).has("#text textarea[name=body]")


def test_words_are_saved_and_come_back_to_the_editor(owner: Browser) -> None:
    owner.open(LOW)
    page = owner.submit("#text", subject="Your balance is [balance]", delta=WORDS)

    assert page.find("#subject")["value"] == "Your balance is [balance]"
    assert json.loads(str(page.find("#editor")["data-delta"])) == json.loads(WORDS)
    assert page.find("#delta")["value"] == "", "without scripts the text area counts"
    assert "Ada Moreau" in page.words
    assert owner.open(MESSAGES).texts(".chip-set") == ["English : Low balance, written"]


def test_without_scripts_an_untouched_text_keeps_its_look_and_a_new_one_its_paragraphs(
    owner: Browser, world: World
) -> None:
    owner.open(LOW)
    owner.submit("#text", subject="One", delta=WORDS)
    owner.submit("#text", subject="Two")  # the text area as the page gave it
    with world.reading(world.northwind):
        kept = wording.find_text("low_balance", "en")
    owner.submit("#text", body="First\n\nSecond [balance]")
    with world.reading(world.northwind):
        changed = wording.find_text("low_balance", "en")

    assert kept is not None
    assert changed is not None
    assert kept.document.delta() == json.loads(WORDS)
    assert [line.text for line in changed.document.lines] == ["First", "Second [balance]"]


@pytest.mark.parametrize(
    ("address", "fields", "said"),
    [
        (LOW, {"subject": ""}, "This field is needed."),
        (LOW, {"body": "", "delta": ""}, "Write the text."),
        (LOW, {"delta": json.dumps(delta(op(" \n")))}, "Write the text."),
        (LOW, {"subject": "[balence]"}, "[balence] stands for nothing. Did you mean [balance]?"),
        (LOW, {"delta": json.dumps(delta(op("[zzz]\n")))}, "[zzz] stands for nothing. Choose one"),
        (LOW, {"delta": json.dumps(delta(op("[link]\n")))}, "[link] stands for nothing."),
        (RESET, {}, "Put [link] into the text"),
        (RESET, {"subject": " "}, "Write a title."),
        (LOW, {"delta": "{"}, "This text holds something that cannot be kept."),
        (LOW, {"delta": json.dumps(delta(op("x", link="javascript:alert(1)")))}, "A link starts with"),
        (LOW, {"subject": "x" * 201}, "200"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_written_stays(
    owner: Browser, world: World, address: str, fields: dict[str, str], said: str
) -> None:
    owner.open(address)
    sent = {"subject": "Title", "delta": WORDS} | fields

    page = owner.submit("#text", **sent)

    assert page.status == 422
    assert said in page.words
    assert page.find("#subject")["value"] == sent["subject"]
    if sent["delta"].endswith("}"):
        assert json.loads(str(page.find("#editor")["data-delta"])) == json.loads(sent["delta"])
    with world.reading(world.northwind):
        assert wording.written_texts() == []


def keep_picture(world: World, shop: Shop, colour: str = "teal") -> str:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    with world.within(shop):
        read = branding.read_picture(content.getvalue())
        return str(branding.keep_picture(read, name="Lines").public_id)


def test_a_picture_must_be_one_of_the_resellers_own(world: World) -> None:
    ours, theirs = keep_picture(world, world.northwind), keep_picture(world, world.globex)
    picture = op({"picture": {"id": ours, "alt": "Lines"}})

    save(world, world.northwind, "welcome", "en", "Lines", picture, op("\n"), op("Words\n"))
    with pytest.raises(InvalidInput) as refused:
        save(world, world.northwind, "welcome", "fr", "Lines", op({"picture": {"id": theirs}}))

    assert "not one of yours" in refused.value.message
    with world.reading(world.northwind):
        text = wording.find_text("welcome", "en")
        assert text is not None
        shown = wording.shown_pictures(text.document, base="/r/100482")
    assert {one.url for one in shown.values()} == {f"/r/100482/pictures/{ours}.png"}


def test_two_who_write_at_once_do_not_overwrite_each_other(world: World) -> None:
    save(world, world.northwind, "low_balance", "en", "One", op("a\n"))

    with pytest.raises(Refused, match="Somebody else saved"):
        save(world, world.northwind, "low_balance", "en", "Two", op("b\n"))


def test_going_back_to_the_default_forgets_the_words(owner: Browser, world: World) -> None:
    owner.open(LOW)
    owner.submit("#text", subject="Mine", delta=WORDS)

    page = owner.submit("form[action$='/reset']")

    assert page.find("#subject")["value"] == ""
    assert not page.has("form[action$='/reset']")
    with world.reading(world.northwind):
        assert wording.written_texts() == []


def test_another_resellers_words_are_not_there(
    owner: Browser, world: World, browse: Browse
) -> None:
    save(world, world.globex, "welcome", "en", "Globex only", op("Secret words\n"))

    assert "Secret words" not in owner.open(f"{MESSAGES}/welcome/en").body.decode()
    assert "Secret words" not in owner.client.get(f"{MESSAGES}/welcome/en/preview").text
    assert not browse(world.a).open("/dashboard").has("#welcome")
    assert browse(world.x).open("/dashboard").text("#welcome-title") == "Globex only"


@pytest.mark.parametrize(
    "text", ["nothing/en", "low_balance/de", "welcome/en.txt", "LOW_BALANCE/en"]
)
def test_texts_and_languages_that_there_are_not_are_not_found(owner: Browser, text: str) -> None:
    for rest in ("", "/preview"):
        assert owner.open(f"{MESSAGES}/{text}{rest}").status == 404


def test_who_may_only_read_reads(reader: Browser, world: World) -> None:
    save(world, world.northwind, "low_balance", "en", "Mine", op("Ours\n"))

    page = reader.open(LOW)

    assert page.find("#body").get_text().strip() == "Ours"
    assert page.has("#body[readonly]")
    assert not page.has("#text button, script[src*=quill]")
    assert reader.ask("POST", LOW, data={"csrf_token": reader.token()}).status == 403


def test_a_person_reads_their_language_else_the_resellers(world: World) -> None:
    save(world, world.northwind, "low_balance", "en", "English", op("a\n"))
    save(world, world.northwind, "low_balance", "fr", "Français", op("b\n"))
    with world.reading(world.northwind):
        found = [wording.text_for("low_balance", code, "en") for code in ("en", "fr", "es")]
        none = wording.text_for("low_balance", "es", "es")

    assert [one.subject for one in found if one] == ["English", "Français", "English"]
    assert none is None


def test_a_preview_shows_a_real_clients_facts_and_saves_nothing(
    owner: Browser, world: World
) -> None:
    owner.open(LOW)
    fields = {
        "subject": "Hello [firstname]",
        "delta": WORDS,
        "who": "kestrel",
        "csrf_token": owner.token(),
    }
    html = owner.client.post(f"{LOW}/preview", data=fields)
    text = owner.client.post(f"{LOW}/preview", data=fields | {"as": "text"})
    default = owner.client.get(f"{LOW}/preview?who=nobody-like-this")

    assert "Owen Castellan &lt;owen@kestrel.example&gt;" in html.text
    assert '<strong><span style="color:#9e1618">Owen</span></strong>' in html.text
    assert "Title: Hello Owen\n\nHello Owen\n" in text.text
    assert text.mimetype == "text/plain"
    assert "Nadia Okafor" in default.text
    assert "Your balance is $18.40, below the $25.00" in default.text
    with world.reading(world.northwind):
        assert wording.written_texts() == []


def test_the_welcome_text_is_previewed_in_the_brand(owner: Browser) -> None:
    page = owner.open(f"{MESSAGES}/welcome/en")
    fields = {"subject": "Hi [company]", "delta": WORDS.replace("red", "c-ffee00"), "who": "priya"}

    frame = owner.client.post(
        f"{MESSAGES}/welcome/en/preview", data=fields | {"csrf_token": owner.token()}
    )

    assert ">Hi Harbourlight Dental</h2>" in frame.text
    assert '<span class="ql-color-c-ffee00">Priya</span>' in frame.text
    assert "/r/100482/brand." in frame.text
    sheet = re.search(r'href="([^"]*colours.css[^"]*)"', frame.text)
    assert sheet is not None
    assert ".ql-color-c-ffee00" in owner.client.get(sheet.group(1)).text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]


def test_a_test_goes_to_the_person_who_writes_and_is_marked(owner: Browser, world: World) -> None:
    owner.open(LOW)
    before = len(written_mails())

    part = owner.ask(
        "POST", f"{LOW}/test", htmx=True,
        data={"subject": "Hi", "delta": WORDS, "who": "priya", "csrf_token": owner.token()},
    )  # fmt: skip

    assert part.text("#test-result") == "A test is on its way to ada@northwind.example."
    (sent,) = written_mails()[before:]
    assert (sent.recipient, sent.subject) == ("ada@northwind.example", "[Test] Hi")
    assert "Hello Priya" in sent.text
    assert sent.client_id is None


def test_tests_are_counted_so_that_they_are_no_flood(owner: Browser) -> None:
    owner.open(LOW)
    token = owner.token()
    said = [
        owner.ask("POST", f"{LOW}/test", htmx=True, data={"csrf_token": token}).words
        for _ in range(12)
    ]

    assert "on its way" in said[0]
    assert said[-1].startswith("Too many attempts.")


def test_a_mail_that_is_left_out_is_not_written(owner: Browser, world: World) -> None:
    owner.open(MESSAGES)
    page = owner.submit("form[action$='/payment_received/switch']")
    assert page.texts(".badge-warn") == ["Left out"]
    before = len(written_mails())

    with world.within(world.northwind):
        payments.add_payment(world.a.id, Money.of("10"), reference="silent")
        mail.switch_mail(MailName.PAYMENT_RECEIVED, on=True)
        payments.add_payment(world.a.id, Money.of("11"), reference="told")
        payments.add_payment(world.a.id, Money.of("11"), reference="told")
        with pytest.raises(NotFound):
            mail.switch_mail(MailName.RESET_PASSWORD, on=False)

    assert [one.subject for one in written_mails()[before:]] == [
        "We received your payment of $11.00"
    ]


def test_a_picture_is_uploaded_and_chosen(owner: Browser) -> None:
    content = io.BytesIO()
    # Noise does not compress: larger than any other form may be.
    Image.effect_noise((1400, 1200), 90).save(content, "PNG")
    owner.open(f"{MESSAGES}/welcome/en")

    def upload(data: bytes) -> Any:
        """The request as bytes: the test client would spool a large file to the disk."""
        parts = (
            b'--x\r\nContent-Disposition: form-data; name="picture"; filename="snow.png"\r\n'
            b"Content-Type: image/png\r\n\r\n", data, b"\r\n--x--\r\n",
        )  # fmt: skip
        return owner.ask(
            "POST", f"{MESSAGES}/pictures", htmx=True, headers={"X-CSRFToken": owner.token()},
            data=b"".join(parts), content_type="multipart/form-data; boundary=x",
        )  # fmt: skip

    part, refused = upload(content.getvalue()), upload(b"<svg onload=alert(1)>")

    assert len(content.getvalue()) > 1_000_000
    assert part.has("#picture-list input[name=text-picture][checked]")
    assert "snow.png" in part.words
    assert refused.status == 422
    assert refused.has("#picture-file-error[role=alert]")


def test_a_picture_is_deleted_unless_a_text_shows_it(owner: Browser, world: World) -> None:
    ours, shown = (keep_picture(world, world.northwind, colour) for colour in ("red", "blue"))
    theirs = keep_picture(world, world.globex)
    save(
        world, world.northwind, "low_balance", "fr", "L", op({"picture": {"id": shown}}), op("W\n")
    )

    def delete(picture: str) -> Page:
        return owner.post(f"{MESSAGES}/pictures/delete", {"text-picture": picture}, htmx=True)

    answers = [delete(one) for one in (shown, theirs, "", ours)]

    assert [one.status for one in answers] == [422, 404, 422, 200]
    assert "Low balance (FR)" in answers[0].text("[role=alert]")
    with world.reading(world.northwind):
        assert [str(one.public_id) for one in branding.list_pictures()] == [shown]
    with world.reading(world.globex):
        assert [str(one.public_id) for one in branding.list_pictures()] == [theirs]


def test_the_log_says_who_wrote_what(owner: Browser, world: World) -> None:
    owner.open(LOW)
    owner.submit("#text", subject="Mine", delta=WORDS)

    with world.reading(world.northwind):
        (event,) = identity.recent_events(["wording.saved"])

    assert (event.person_name, event.facts) == (
        "Ada Moreau", {"text": "low_balance", "language": "en"},
    )  # fmt: skip


def test_unknown_names_are_refused_below_the_form_too(world: World) -> None:
    with pytest.raises(UnknownNames) as refused:
        save(world, world.northwind, "welcome", "en", "Hi [fistname]", op("a\n"))

    assert refused.value.names == {"fistname": "firstname"}


@pytest.mark.parametrize("version", ["9" * 30, "-1"])
def test_a_version_that_never_was_saves_nothing(owner: Browser, world: World, version: str) -> None:
    owner.open(LOW)
    page = owner.post(LOW, {"subject": "Hello", "delta": WORDS, "version": version})

    assert page.status == 422
    with world.reading(world.northwind):
        assert wording.find_text("low_balance", "en") is None
