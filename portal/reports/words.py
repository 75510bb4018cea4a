"""Directions, results and states as reports say them."""

from __future__ import annotations

from flask_babel import gettext

from portal.numbers import Routing


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


def routing_words(routing: Routing, known: str) -> str:
    """Where a number rings; ``known`` is what a forwarding's or a mailbox's number stands for."""
    words = {
        "account": routing.target,
        "fwd": known or routing.target,
        "vm": gettext("Voicemail %(box)s", box=f"{routing.target} {known}".strip()),
        "grp": gettext("Ring group %(name)s", name=routing.target),
        "ivr": gettext("Menu %(name)s", name=routing.target),
        "queue": gettext("Queue %(name)s", name=routing.target),
        "sip": gettext("SIP address %(name)s", name=routing.target),
        "recording": gettext("Recording %(name)s", name=routing.target),
        "tc": gettext("Time condition %(name)s", name=routing.target),
        "disa": gettext("DISA %(name)s", name=routing.target),
        "callback": gettext("Callback %(name)s", name=routing.target),
        "cb": gettext("Callback %(name)s", name=routing.target),
        "sys": gettext("System message %(name)s", name=routing.target),
        "fax": gettext("Fax"),
        "none": gettext("Nowhere"),
    }.get(routing.kind)
    return words or f"{routing.kind} {routing.target}".strip()
