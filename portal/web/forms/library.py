"""What WTForms itself finds wrong, said in our words and in the person's language."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext, ngettext

from portal.core.sentences import N_

_CHOICE: Final = N_("Choose one of the list.")
_OURS: Final = {
    "Not a valid choice.": _CHOICE,
    "Invalid Choice: could not coerce.": _CHOICE,
    "Not a valid date value.": N_("Enter a date like 2026-11-20."),
    "Not a valid time value.": N_("Enter a time like 22:00."),
    "Not a valid integer value.": N_("Enter a whole number."),
    "Number must be between %(min)s and %(max)s.": N_("Enter a number from %(min)s to %(max)s."),
    "Number must be at least %(min)s.": N_("Enter a number from %(min)s on."),
    "This field is required.": N_("This field is needed."),
    "Invalid input.": N_("This is not written as expected."),
}


class LibraryWords:
    """What a form asks for the sentences of its fields and validators."""

    def gettext(self, sentence: str) -> str:
        """Ours for theirs; what is to be filled in stays open, since the library fills it in."""
        return str(gettext(_OURS[sentence])) if sentence in _OURS else sentence

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The only plurals of theirs that we can meet are lengths of texts."""
        if singular.startswith("Field cannot be longer"):
            return str(
                ngettext(
                    "At most %(num)d character is possible.",
                    "At most %(num)d characters are possible.",
                    number,
                )
            )
        return singular if number == 1 else plural
