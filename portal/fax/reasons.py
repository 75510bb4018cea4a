"""Why a fax did not go through: a code that is kept, and a sentence for people."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from portal.core.sentences import N_

BUSY, NO_ANSWER, NO_MACHINE, PAGE = "busy", "no_answer", "no_machine", "page"
UNREACHABLE, FAILED = "unreachable", "failed"
NOT_SENT, LOST, NO_RESULT = "not_sent", "lost", "no_result"
SERVICE_OFF, NUMBER_GONE, SUSPENDED = "service_off", "number_gone", "suspended"
UNREADABLE, GAVE_UP = "unreadable", "gave_up"

# Somebody may pick up in a few minutes; everything else needs a person to look.
TRIED_AGAIN: Final = frozenset({BUSY, NO_ANSWER})
# We never learnt what became of these: should they have gone out after all, they are charged.
MAY_HAVE_GONE: Final = frozenset({NOT_SENT, LOST, NO_RESULT})

SENTENCES: Final = MappingProxyType(
    {
        BUSY: N_("The line was busy."),
        NO_ANSWER: N_("Nobody answered."),
        NO_MACHINE: N_("No fax machine answered at this number."),
        PAGE: N_("The connection broke on page %(page)d."),
        UNREACHABLE: N_("This number cannot be reached."),
        FAILED: N_("The fax did not go through."),
        NOT_SENT: N_("The carrier never took this fax."),
        LOST: N_("The carrier took this fax and lost it."),
        NO_RESULT: N_("The carrier never said what became of this fax."),
        SERVICE_OFF: N_("Faxes are switched off for this number."),
        NUMBER_GONE: N_("The number it was to be sent from is no longer yours."),
        SUSPENDED: N_("The account was suspended when it was to be sent."),
        UNREADABLE: N_("The pages could not be made into a fax."),
        GAVE_UP: N_("The carrier could not be reached for hours."),
    }
)

_SAID: Final = (
    (r"busy", BUSY),
    (r"no.?answer|not? answer|timed? ?out", NO_ANSWER),
    (r"voice|human|no fax|not a fax|no carrier|handshake|negotiat", NO_MACHINE),
    (r"invalid|unallocated|not in service|disconnected number|reject", UNREACHABLE),
)


def sentence(code: str) -> str:
    """A code's sentence, a message id; it may ask for ``%(page)d``."""
    return SENTENCES.get(code, SENTENCES[FAILED])


def read(words: str, *, pages_done: int = 0) -> tuple[str, int]:
    """Code and page out of the carrier's own words; a call that broke between pages says which."""
    said = words.lower()
    if broke := re.search(r"(after )?page\D{0,3}(\d{1,4})", said):
        return PAGE, int(broke[2]) + bool(broke[1])
    for pattern, code in _SAID:
        if re.search(pattern, said):
            return code, 0
    if re.search(r"page|hung|hang|disconnect|drop|lost|interrupt", said) or pages_done:
        return PAGE, pages_done + 1
    return FAILED, 0
