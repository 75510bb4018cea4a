"""One line of what needs somebody."""

from __future__ import annotations

from dataclasses import dataclass

MOST_NAMED = 3  # of one kind; the others are a number


@dataclass(frozen=True, slots=True)
class Attention:
    """One line with its one action: a link, or a button when it ``posts``.

    What failed can also be let rest, at ``dismiss_url``.
    """

    tone: str
    symbol: str
    title: str
    note: str
    action_text: str
    action_url: str
    posts: bool = False
    dismiss_url: str = ""
    title_url: str = ""
