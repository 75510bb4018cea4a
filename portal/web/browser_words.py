"""What a browser calls itself, in the two words that a person knows."""

from __future__ import annotations

import re

from flask_babel import gettext

# Most telling word first: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "macOS"}


def browser_name(said: str) -> str:
    """Firefox, Windows."""
    which = next((word for word in _BROWSERS if word in said), "")
    system = next((word for word in _SYSTEMS if word in said), "")
    names = [_NAMES.get(word, word) for word in (which, system) if word]
    return ", ".join(names) or re.sub(r"[^\w ./;()-]", "", said)[:40] or gettext("Unknown browser")
