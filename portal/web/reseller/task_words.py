"""Background work in words that a reseller knows."""

from __future__ import annotations

from flask_babel import gettext

from portal import tasks


def task_words(name: str) -> str:
    """What a task was to do; one that is not told about here says its own name."""
    words = {
        tasks.IMPORT_CALLS.name: gettext("Fetching calls"),
        tasks.IMPORT_MESSAGES.name: gettext("Fetching texts"),
        tasks.REFRESH_NUMBERS.name: gettext("Reading numbers and sub-accounts"),
        tasks.REFRESH_RATES.name: gettext("Reading the carrier’s rates"),
        tasks.RERATE_UNRATED.name: gettext("Pricing waiting calls"),
        tasks.DELIVER_SMS.name: gettext("Sending texts"),
        tasks.LOOK_UP_MESSAGE.name: gettext("Looking up texts"),
        tasks.RECEIVE_MESSAGE.name: gettext("Taking in texts"),
        tasks.BILL_DUE.name: gettext("Charging monthly fees"),
        tasks.BILL_CLIENTS.name: gettext("Charging monthly fees"),
        tasks.BILL_CLIENT.name: gettext("Charging monthly fees"),
        tasks.SILENCE_NUMBER.name: gettext("Writing routes to the carrier"),
        tasks.REVIEW_BALANCE.name: gettext("Watching balances"),
        tasks.REVIEW_EXPOSURE.name: gettext("Watching what calls cost"),
        tasks.READ_PAYMENT_MESSAGE.name: gettext("Reading what gateways tell"),
        tasks.LOOK_AT_PAYMENT.name: gettext("Asking gateways about payments"),
        tasks.REFUND_PAYMENT.name: gettext("Refunding payments"),
        tasks.SEND_MAIL.name: gettext("Sending mails"),
        tasks.SEND_URGENT_MAIL.name: gettext("Sending mails"),
        tasks.CALL_CLIENT.name: gettext("Calling clients’ own systems"),
        tasks.RENDER_REPORT.name: gettext("Making reports"),
        tasks.PUSH_SUB_ACCOUNT.name: gettext("Writing routes to the carrier"),
        tasks.PUSH_PACKAGE_ROUTES.name: gettext("Writing routes to the carrier"),
        tasks.WORK_FAX_PORT.name: gettext("Handing numbers that are brought along to the carrier"),
        tasks.REFRESH_FAX_PORTS.name: gettext("Asking after numbers that are brought along"),
        tasks.PUSH_SMS_CALLBACK.name: gettext("Writing callbacks to the carrier"),
    }
    return words.get(name, name.replace("_", " "))
