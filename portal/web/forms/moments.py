"""What is said where the clocks change."""

from __future__ import annotations

from flask_babel import gettext

from portal.core.wall import LeftOut


def left_out(refusal: LeftOut) -> str:
    """Which time comes in place of one that does not exist."""
    return gettext(
        "This time does not exist: the clocks go forward then. The next is %(time)s.",
        time=f"{refusal.next_time:%H:%M}",
    )


def comes_twice() -> str:
    """Which of two is meant."""
    return gettext("The clocks show this time twice that night; it is the first of the two.")
