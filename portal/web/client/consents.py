"""Who wants texts and who does not: the log, what is entered by hand, and the automatic replies."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import identity, messaging
from portal.entitlements import Service
from portal.messaging import Wish
from portal.web import consents as log
from portal.web.client.blueprint import bp
from portal.web.client.text_tabs import tabs
from portal.web.forms.consents import AnswersForm, ConsentForm
from portal.web.guards import managers
from portal.web.htmx import Rendered, go, render
from portal.web.i18n import LANGUAGES
from portal.web.rights import client_id, need
from portal.web.session import person

PAGE, LIST = "client/messages/consent.html", "partials/_consents.html"
ANSWERS = "client/messages/answers.html"


@bp.get("/messages/consent")
def consents() -> Rendered:
    """The log, newest first; from a conversation the form knows whom it is about."""
    need(Service.SMS_MMS)
    form = log.form_of(client_id())
    if "own" in request.args:
        form.number.data, form.contact.data = request.args["own"], request.args.get("q", "")[:40]
    return _page(form)


@bp.post("/messages/consent")
def enter_consent() -> Rendered:
    """Write down what a contact said elsewhere."""
    need(Service.SMS_MMS)
    form = log.form_of(client_id(), request.form)
    if not log.enter(client_id(), form):
        return _page(form, status=422)
    return go(url_for(".consents"), say=gettext("Written down."))


@bp.get("/messages/consent.csv")
def consents_csv() -> Rendered:
    """Everything the filter finds."""
    need(Service.SMS_MMS)
    return log.csv_of(client_id())


@bp.get("/messages/answers")
@managers
def text_answers() -> Rendered:
    """The words that answer STOP, START and HELP, one language at a time."""
    need(Service.SMS_MMS)
    words = messaging.answers(client_id(), _language())
    return _answers(AnswersForm(data={wish.value: text for wish, text in words.items()}))


@bp.post("/messages/answers")
@managers
def save_text_answers() -> Rendered:
    """Keep the client's own words; an empty one is ours again."""
    need(Service.SMS_MMS)
    form, own_id, language = AnswersForm(request.form), client_id(), _language()
    form.submit(lambda: messaging.save_answers(own_id, language, form.words()))
    if not form.accepted:
        return _answers(form, status=422)
    return go(url_for(".text_answers", language=language), say=gettext("Saved."))


def _page(form: ConsentForm, *, status: int = 200) -> Rendered:
    return render(
        PAGE,
        LIST if request.method == "GET" else None,
        status=status,
        has_errors=status != 200,
        form=form,
        tabs_of_texts=tabs("consent"),
        enter_url=url_for(".enter_consent"),
        conversation_of=lambda row: url_for(".conversation", public_id=row.conversation),
        **log.log_of(
            client_id(),
            index=lambda **words: url_for("client.consents", **words),
            export=lambda **words: url_for("client.consents_csv", **words),
        ),
    )


def _answers(form: AnswersForm, *, status: int = 200) -> Rendered:
    language = _language()
    client = identity.client_facts(client_id())
    words = messaging.answers(client.id, language)
    return render(
        ANSWERS,
        status=status,
        has_errors=status != 200,
        form=form,
        tabs_of_texts=tabs("answers"),
        save_url=url_for(".save_text_answers", language=language),
        choices=[
            (name, url_for(".text_answers", language=key), key == language)
            for key, name in LANGUAGES.items()
        ],
        name_word=messaging.NAME,
        samples={wish.value: messaging.filled(words[wish], client) for wish in Wish},
    )


def _language() -> str:
    """The language of the address, else the person's own."""
    asked = request.args.get("language", "") or person().language
    return asked if asked in messaging.LANGUAGES else messaging.LANGUAGES[0]
