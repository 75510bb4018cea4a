"""Names in square brackets that stand for whoever a text goes to, and for whoever sends it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from portal.contacts import first_name
from portal.core.errors import InvalidInput
from portal.core.sentences import N_

OF_THE_CONTACT = ("first name", "name", "company", "number")
OF_THE_SENDER = ("my name", "my company", "my number")
VARIABLES = OF_THE_CONTACT + OF_THE_SENDER
_NAME = re.compile(r"\[([^\[\]\n]{1,40})\]")
_WITH_SPACE = re.compile(r"[ \t]?\[([^\[\]\n]{1,40})\]")


class UnknownVariable(InvalidInput):
    """A name in brackets that nothing stands for; ``name`` as it was written, ``near`` what may be meant."""

    def __init__(self, name: str, near: str, *, field: str) -> None:
        super().__init__(N_("There is no variable of this name in square brackets."), field=field)
        self.name, self.near = name, near


def check(text: str, *, also: tuple[str, ...] = (), field: str = "text") -> None:
    """Refuse a name that nothing stands for. ``also``: names beyond ours, like the columns of a file."""
    known = (*VARIABLES, *also)
    for written in _NAME.findall(text):
        if _spelled(written) not in known:
            near = difflib.get_close_matches(_spelled(written), known, n=1, cutoff=0.5)
            raise UnknownVariable(written, near[0] if near else "", field=field)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its names replaced; what is put in is not looked at again.

    Where nothing is known, the name goes with the space before it: "Hello [first name]," is "Hello,".
    """

    def put(found: re.Match[str]) -> str:
        name = _spelled(found.group(1))
        if name not in values:
            return found.group()
        space = found.group()[: found.group().index("[")]
        return space + values[name] if values[name] else ""

    return _WITH_SPACE.sub(put, text)


def of_contact(name: str, company: str, number: str) -> dict[str, str]:
    """What the names of the contact stand for; ``number`` as it is shown."""
    return {
        "first name": first_name(name, company),
        "name": name,
        "company": company,
        "number": number,
    }


def _spelled(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())
