"""The texts that answer STOP, START and HELP by themselves: the client's own words, or ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from portal import identity, pricing
from portal.core import clock, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import InsufficientBalance, InvalidInput
from portal.core.money import Money
from portal.core.period import local_day
from portal.core.queue import enqueue
from portal.identity import ClientFacts, ClientStatus
from portal.identity.facts import reseller_zone
from portal.messaging.consent_words import Wish, Word, keyword
from portal.messaging.conversations import note_message
from portal.messaging.models import Message, TextSettings
from portal.messaging.money import hold
from portal.messaging.text_settings import settings_of
from portal.messaging.values import MessageState
from portal.numbers import DidOwner
from portal.rating.messages import SMS_BYTES, as_sent, byte_count
from portal.tasks import DELIVER_SMS

LANGUAGES: Final = ("en", "fr", "es")
NAME: Final = "[name]"
# They go to people in all three languages whatever the portal speaks, so they are data.
DEFAULTS: Final[Mapping[str, Mapping[Wish, str]]] = {
    "en": {
        Wish.STOP: "[name]: you will get no more texts from this number. Send START to get them again.",
        Wish.START: "[name]: you will get our texts again. Send STOP to end them.",
        Wish.HELP: "[name]: you are texting with us. Send STOP to get no more texts.",
    },
    "fr": {
        Wish.STOP: "[name] : vous ne recevrez plus de textos de ce numéro. Pour en recevoir : START.",
        Wish.START: "[name] : vous recevrez de nouveau nos textos. Pour arrêter : ARRET.",
        Wish.HELP: "[name] : vous échangez des textos avec nous. Pour arrêter : ARRET.",
    },
    "es": {
        Wish.STOP: "[name]: no recibirá más mensajes de este número. Envíe START para volver.",
        Wish.START: "[name]: recibirá de nuevo nuestros mensajes. Envíe ALTO para terminar.",
        Wish.HELP: "[name]: usted conversa con nosotros. Envíe ALTO para no recibir más.",
    },
}
_LONGEST_NAME_BYTES = 60


def answers(client_id: int, language: str) -> dict[Wish, str]:
    """The words of the three answers in a language, with ``[name]`` where the client's name goes."""
    own = session().scalar(select(TextSettings.answers).where(TextSettings.client_id == client_id))
    written: Mapping[str, str] = (own or {}).get(language, {})
    return {wish: written.get(wish) or DEFAULTS[language][wish] for wish in Wish}


def save_answers(client_id: int, language: str, words: Mapping[Wish, str]) -> None:
    """Keep a client's own words; what is ours again is forgotten. In a transaction.

    Raises InvalidInput naming the wish, for what is no text or does not say how to stop.
    """
    if language not in LANGUAGES:
        raise InvalidInput("Choose a language.", field="language")
    client = identity.client_facts(client_id)
    kept = {}
    for wish in Wish:
        text = as_sent(words.get(wish, "")).strip()
        if not text or text == DEFAULTS[language][wish]:
            continue
        _check(wish, text, client)
        kept[wish.value] = text
    row = settings_of(client_id)
    row.answers = {**row.answers, language: kept}
    session().flush()


def filled(text: str, client: ClientFacts) -> str:
    """The words as they go out, with the client's name, cut when it is long."""
    name = client.title.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore").strip()
    return as_sent(text).replace(NAME, name).strip()


def answer(word: Word, owner: DidOwner, contact: str, conversation_id: int) -> None:
    """Send the answer to a word, once for each contact and day. In the transaction that heard it.

    It is charged like any text, and goes out for nothing when the balance does not cover it. A
    client who is not active answers only to those who stop.
    """
    client = identity.client_facts(owner.client_id)
    if client.status is not ClientStatus.ACTIVE and word.wish is not Wish.STOP:
        return
    at = clock.now()
    day = local_day(at, reseller_zone())
    language = word.language or client.details.language
    words = answers(owner.client_id, language if language in LANGUAGES else "en")
    text = filled(words[word.wish], client)
    public_id, price = new_public_id(), pricing.sms_price(owner, "out", "sms")
    new = insert_once(
        Message,
        {
            "public_id": public_id,
            "reseller_id": scope.reseller_id(),
            "client_id": owner.client_id,
            "conversation_id": conversation_id,
            "did_id": owner.did_id,
            "did_link_id": owner.link_id,
            "direction": "out",
            "kind": "sms",
            "contact": contact,
            "text": text,
            "state": MessageState.QUEUED,
            "reference": f"{word.wish}-{owner.did_id}-{contact}-{day}",
            "price": price,
            "error_code": "",
            "lease_number": 0,
            "look_ups": 0,
            "consent_word": word.wish,
            "at": at,
        },
    )
    if not new:
        return
    message = session().scalars(select(Message).where(Message.public_id == public_id)).one()
    try:
        hold(message)
    except InsufficientBalance:
        message.price = Money(0)
        session().flush()
        hold(message)
    note_message(conversation_id, text=text, direction="out", at=at)
    enqueue(DELIVER_SMS, message_id=message.id)


def _check(wish: Wish, text: str, client: ClientFacts) -> None:
    if not all(one.isprintable() or one == "\n" for one in text):
        raise InvalidInput("This text contains characters that cannot be sent.", field=wish)
    if byte_count(filled(text, client)) > SMS_BYTES:
        raise InvalidInput("A text has at most 160 bytes. Shorten it a little.", field=wish)
    says = {heard.wish for one in text.split() if (heard := keyword(one)) is not None}
    missing = {Wish.STOP: Wish.START, Wish.START: Wish.STOP, Wish.HELP: Wish.STOP}[wish]
    if missing in says:
        return
    if missing is Wish.START:
        raise InvalidInput("Say how to get texts again, such as START.", field=wish)
    raise InvalidInput("Say how to stop the texts, such as STOP.", field=wish)
