"""Directions, results and states as reports say them."""

from __future__ import annotations

from flask_babel import gettext


def direction_words() -> dict[str, str]:
    """Directions of calls as people say them."""
    return {
        "out": gettext("Outgoing"),
        "in": gettext("Incoming"),
        "internal": gettext("Internal"),
    }


def result_words() -> dict[str, str]:
    """What became of a call."""
    return {
        "answered": gettext("Answered"),
        "no_answer": gettext("No answer"),
        "busy": gettext("Busy"),
        "failed": gettext("Failed"),
    }


def price_words() -> dict[str, str]:
    """What became of a call's price."""
    return {
        "rated": gettext("Priced"),
        "free": gettext("Free"),
        "unanswered": gettext("Not answered"),
        "unrated": gettext("Without a rate"),
        "unowned": gettext("Owner unknown"),
    }


def way_words() -> dict[str, str]:
    """Ways of texts and faxes."""
    return {"out": gettext("Sent"), "in": gettext("Received")}


def text_words() -> dict[str, str]:
    """What became of a text."""
    return {
        "queued": gettext("Waiting"),
        "sending": gettext("Sending"),
        "unknown": gettext("Being looked up"),
        "sent": gettext("Sent"),
        "delivered": gettext("Delivered"),
        "failed": gettext("Failed"),
        "received": gettext("Received"),
    }


def fax_words() -> dict[str, str]:
    """What became of a fax."""
    return {
        "queued": gettext("Waiting"),
        "preparing": gettext("Preparing"),
        "sending": gettext("Sending"),
        "unknown": gettext("Checking with the carrier"),
        "sent": gettext("Delivered"),
        "failed": gettext("Not delivered"),
        "cancelled": gettext("Cancelled"),
        "received": gettext("Received"),
    }
