"""What the log of an account says, in words."""

from __future__ import annotations

from flask_babel import gettext

from portal.core.money import InvalidAmount, Money
from portal.identity import AuditRow
from portal.web import filters

# What the dashboard's list of activity shows.
NOTABLE = (
    "client.added", "client.activated", "client.suspended", "client.resumed", "client.closed",
    "payment.added", "payment.received", "payment.taken_back", "charge.added", "transaction.reversed", "acting.began", "company.set_up",
    "company.changed", "carrier.connected", "carrier.callback_renewed", "mail_server.saved",
    "mail_server.removed",
)  # fmt: skip
_SYMBOLS = {
    "client.added": "user-plus",
    "client.activated": "user-check",
    "client.suspended": "user-x",
    "client.resumed": "user-check",
    "client.closed": "archive",
    "client.signed_up": "user-plus",
    "client.refused": "user-x",
    "client.anonymised": "archive",
    "client.edited": "pencil",
    "payment.added": "banknote",
    "payment.received": "banknote",
    "payment.taken_back": "undo-2",
    "payment.returned": "banknote",
    "payment.refund_asked": "undo-2",
    "payment.refund_failed": "circle-alert",
    "payments.paypal_saved": "credit-card",
    "payments.stripe_saved": "credit-card",
    "card.added": "credit-card",
    "card.chosen": "credit-card",
    "card.removed": "credit-card",
    "top_up.changed": "credit-card",
    "top_up.stopped": "credit-card",
    "top_up.ceiling": "credit-card",
    "payments.amounts_saved": "credit-card",
    "payments.practice": "credit-card",
    "charge.added": "circle-minus",
    "add_on.added": "repeat",
    "add_on.changed": "repeat",
    "add_on.ended": "repeat",
    "fee.tried": "refresh-cw",
    "fee.waived": "hand-coins",
    "billing.rules": "calendar-clock",
    "number.e911": "shield",
    "exposure.limits": "gauge",
    "exposure.limits_dropped": "gauge",
    "exposure.acknowledged": "gauge",
    "transaction.reversed": "undo-2",
    "numbers.ordered": "hash",
    "numbers.fax_ordered": "hash",
    "numbers.port_asked": "arrow-right",
    "numbers.port_answered": "arrow-right",
    "numbers.connected": "link",
    "numbers.undone": "undo-2",
    "numbers.stopped": "undo-2",
    "numbers.unconnected": "unlink",
    "account.linked": "plug",
    "account.unlinked": "unlink",
    "account.package": "package",
    "account.ordered": "plus",
    "account.created": "plug",
    "account.failed": "undo-2",
    "account.stopped": "undo-2",
    "acting.began": "eye",
    "acting.may_change": "unlock",
    "company.set_up": "building-2",
    "company.changed": "building-2",
    "carrier.connected": "plug",
    "carrier.callback_renewed": "key-round",
    "mail_server.saved": "mail",
    "mail_server.removed": "mail",
    "mail.sent_again": "mail",
    "acting.ended": "log-out",
    "person.logged_in": "log-in",
    "password.changed": "key-round",
    "second_step.on": "shield-check",
    "second_step.off": "shield-alert",
    "second_step.reset": "shield-alert",
    "second_step.codes_renewed": "key-round",
    "invitation.sent": "mail",
    "invitation.withdrawn": "undo-2",
    "member.added": "user-plus",
    "member.access_changed": "users",
    "member.disabled": "user-x",
    "member.enabled": "user-check",
    "data.exported": "download",
    "texts.stopped": "ban",
    "texts.allowed": "message-square",
    "texts.limits": "sliders-horizontal",
    "texts.limits_dropped": "sliders-horizontal",
    "texts.costs": "sliders-horizontal",
    "texts.number": "hash",
    "texts.staff_may_read": "unlock",
    "texts.staff_may_not_read": "shield-check",
}


def symbol(event: AuditRow) -> str:
    """The icon of an event."""
    return _SYMBOLS.get(event.action, "history")


def sentence(event: AuditRow) -> str:
    """What happened; an unknown kind shows its own name."""
    amount = _amount(event)
    reason = str(event.facts.get("reason") or "")
    whom = str(event.facts.get("person") or "")
    given = event.facts.get("numbers")
    number = str(event.facts.get("number") or "")
    listed = ", ".join(map(str, given)) if isinstance(given, list) else ""
    account = str(event.facts.get("account") or "")
    contact = str(event.facts.get("contact") or "")
    said, fee = str(event.facts.get("description") or ""), str(event.facts.get("fee") or "")
    words = {
        "numbers.fax_ordered": gettext(
            "Bought a fax number in %(place)s", place=str(event.facts.get("place") or "")
        ),
        "numbers.port_asked": gettext("Asked to bring %(number)s along", number=number),
        "numbers.port_answered": gettext("Answered about bringing %(number)s along", number=number),
        "numbers.ordered": gettext("Asked to connect %(numbers)s", numbers=listed),
        "numbers.connected": gettext("Connected %(numbers)s", numbers=listed),
        "numbers.undone": gettext("Not connected: %(numbers)s", numbers=listed),
        "numbers.stopped": gettext("Stopped connecting %(numbers)s", numbers=listed),
        "numbers.unconnected": gettext("Unconnected %(numbers)s", numbers=listed),
        "account.linked": gettext("Sub-account %(account)s linked", account=account),
        "account.unlinked": gettext("Sub-account %(account)s unlinked", account=account),
        "account.package": gettext("Package of %(account)s changed", account=account),
        "account.ordered": gettext("Asked to create sub-account %(account)s", account=account),
        "account.created": gettext("Sub-account %(account)s created", account=account),
        "account.stopped": gettext("Stopped creating sub-account %(account)s", account=account),
        "account.failed": gettext("Sub-account %(account)s not created", account=account),
        "client.added": gettext("Client added"),
        "client.activated": gettext("Client activated"),
        "client.suspended": gettext("Suspended (balance)")
        if reason == "balance"
        else gettext("Suspended (unusual calls)")
        if reason == "exposure"
        else gettext("Suspended"),
        "client.resumed": gettext("Resumed"),
        "client.closed": gettext("Closed"),
        "client.signed_up": gettext("Signed up, e-mail confirmed"),
        "client.refused": gettext("Sign-up refused"),
        "client.anonymised": gettext("Personal data deleted"),
        "client.edited": gettext("Details changed"),
        "payment.added": gettext("Payment of %(amount)s", amount=amount),
        "payment.received": gettext("Payment of %(amount)s arrived", amount=amount),
        "payment.taken_back": gettext("%(amount)s of a payment went back", amount=amount),
        "payment.returned": gettext("%(amount)s of a payment came back", amount=amount),
        "payment.refund_asked": gettext("Refund of %(amount)s asked for", amount=amount),
        "payment.refund_failed": gettext("Refund of %(amount)s failed", amount=amount),
        "payments.paypal_saved": gettext("PayPal set up"),
        "payments.stripe_saved": gettext("Stripe set up"),
        "card.added": gettext("Card added"),
        "card.chosen": gettext("Card made the default"),
        "card.removed": gettext("Card removed"),
        "top_up.changed": gettext("Automatic top-up changed"),
        "top_up.stopped": gettext("Automatic top-up switched itself off"),
        "top_up.ceiling": gettext("Automatic top-up waits for the next month"),
        "payments.amounts_saved": gettext("Amounts of payments changed"),
        "payments.practice": gettext("Practice gateway switched"),
        "payments.tested": gettext("Payments tried out"),
        "charge.added": gettext("Charge of %(amount)s", amount=amount),
        "add_on.added": gettext("Add-on %(name)s, %(amount)s", name=said, amount=amount),
        "add_on.changed": gettext("Add-on %(name)s changed, %(amount)s", name=said, amount=amount),
        "add_on.ended": gettext("Add-on %(name)s ended", name=said),
        "fee.tried": gettext("Fee %(name)s tried again", name=fee),
        "fee.waived": gettext("Fee %(name)s of %(amount)s waived", name=fee, amount=amount),
        "billing.rules": gettext("Rules of billing changed"),
        "exposure.limits": gettext("Limits of calls changed"),
        "exposure.limits_dropped": gettext("Own limits of calls removed"),
        "exposure.acknowledged": gettext("Alarm about calls acknowledged"),
        "number.e911": gettext("e911 of %(number)s changed", number=number),
        "transaction.reversed": gettext(
            "Transaction of %(amount)s reversed: %(reason)s", amount=amount, reason=reason
        )
        if reason
        else gettext("Transaction of %(amount)s reversed", amount=amount),
        "acting.began": gettext("Portal viewed: %(reason)s", reason=reason),
        "acting.may_change": gettext("Changes allowed while viewing the portal"),
        "acting.ended": gettext("Viewing the portal ended"),
        "company.set_up": gettext("Portal set up"),
        "company.changed": gettext("Company details changed"),
        "carrier.connected": gettext("Carrier login saved"),
        "carrier.callback_renewed": gettext("Secret of the SMS callback renewed"),
        "mail_server.saved": gettext("Mail server saved"),
        "mail_server.removed": gettext("Back to the operator’s mail server"),
        "mail.sent_again": gettext("Mail sent again"),
        "package.calls_charged_again": gettext(
            "Calls of %(package)s charged again", package=str(event.facts.get("package") or "")
        ),
        "person.logged_in": gettext("Logged in"),
        "password.changed": gettext("Password changed"),
        "second_step.on": gettext("2-step login turned on"),
        "second_step.off": gettext("2-step login turned off"),
        "second_step.reset": gettext("2-step login of %(name)s turned off", name=whom),
        "second_step.codes_renewed": gettext("New recovery codes made"),
        "invitation.sent": gettext("%(name)s invited", name=whom),
        "invitation.withdrawn": gettext("Invitation of %(name)s withdrawn", name=whom),
        "member.added": gettext("%(name)s added to the team", name=whom),
        "member.access_changed": gettext("Rights of %(name)s changed", name=whom),
        "member.disabled": gettext("%(name)s disabled", name=whom),
        "member.enabled": gettext("%(name)s enabled", name=whom),
        "data.exported": gettext("Data of the account exported"),
        "texts.stopped": gettext(
            "Texts to %(contact)s stopped: %(reason)s", contact=contact, reason=reason
        ),
        "texts.allowed": gettext(
            "Texts to %(contact)s allowed: %(reason)s", contact=contact, reason=reason
        ),
        "texts.limits": gettext("Text limits changed"),
        "texts.limits_dropped": gettext("Own text limits removed"),
        "texts.costs": gettext("Costs of texts changed"),
        "texts.number": gettext("Text settings of a number changed"),
        "texts.staff_may_read": gettext("Staff may read texts"),
        "texts.staff_may_not_read": gettext("Staff may not read texts any more"),
    }
    return words.get(event.action, event.action)


def who(event: AuditRow) -> str:
    """Whose doing it was; nobody's is the portal's own."""
    return event.person_name or gettext("The portal")


def _amount(event: AuditRow) -> str:
    try:
        return filters.money(Money.of(str(event.facts.get("amount", ""))))
    except InvalidAmount:
        return filters.NOTHING
