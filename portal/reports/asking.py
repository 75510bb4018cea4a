"""What several reports ask: which client, which of its lines, and words of an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from flask_babel import gettext

from portal import identity, pbx
from portal.identity import ClientFacts
from portal.pbx import SubAccountRow
from portal.reports.description import Choice

_LONGEST_TEXT = 80


def zone() -> ZoneInfo:
    """The reseller's, in which periods are counted."""
    return ZoneInfo(identity.own_reseller().time_zone)


def client_of(given: Mapping[str, str]) -> ClientFacts | None:
    """The client an address names; NotFound for another reseller's."""
    return identity.client_by_public_id(given["client"]) if given.get("client") else None


def client_choice(client: ClientFacts | None, *, every: str = "") -> Choice:
    """Every client that is not closed, by name; and the chosen one, whatever became of it."""
    known = identity.clients_by_id(set(identity.open_client_ids())).values()
    options = {str(one.public_id): one.title for one in known}
    if client is not None:
        options[str(client.public_id)] = client.title
    ordered = sorted(options.items(), key=lambda pair: pair[1].casefold())
    now = str(client.public_id) if client else ""
    return Choice("client", gettext("Client"), ordered, now, is_long=True, every=every)


def line_choice(
    client: ClientFacts | None, given: Mapping[str, str]
) -> tuple[Choice, SubAccountRow | None]:
    """The chosen client's sub-accounts now; one that is not theirs counts as not given."""
    lines = pbx.sub_accounts_of(client.id) if client else []
    line = next((one for one in lines if str(one.public_id) == given.get("line")), None)
    options = [
        (
            str(one.public_id),
            f"{one.description} ({one.account})" if one.description else one.account,
        )
        for one in lines
    ]
    now = str(line.public_id) if line else ""
    return Choice("line", gettext("Sub-account"), options, now, is_long=True), line


def text_of(given: Mapping[str, str]) -> str:
    """What is searched for, on one line."""
    return " ".join((given.get("q") or "").replace("\x00", "").split())[:_LONGEST_TEXT]


def one_of(text: str | None, words: Iterable[str]) -> str:
    """The word, when it is a known one."""
    return text if text and text in words else ""


def some_of(text: str | None, words: Sequence[str]) -> tuple[str, ...]:
    """The known ones of several words with commas between."""
    given = (text or "").split(",")
    return tuple(word for word in words if word in given)


def kept(**words: str) -> dict[str, str]:
    """The words that say something."""
    return {name: word for name, word in words.items() if word}
