"""What is mailed: a fax that arrived, the end of one that went out, and why a mail did not go."""

from __future__ import annotations

from flask_babel import force_locale, gettext, ngettext
from sqlalchemy import select

from portal import identity, mail, numbers
from portal.core import clock, scope
from portal.core.db import insert_once, session
from portal.core.phone import international
from portal.fax import FaxState, Outcome, sentence
from portal.fax.models import Fax
from portal.faxmail.models import FaxCopy, FaxMail, FaxMailBox
from portal.faxmail.values import Work
from portal.mail import Attachment

MOST_ATTACHED_BYTES = 10_000_000


def copy_arrival(fax_id: int) -> None:
    """Mail a fax that came to whoever wants it, once; its PDF goes along unless it is too large."""
    found = _with_box(fax_id)
    if found is None:
        return
    fax, box = found
    if fax.direction != "in" or not box.copy_arrivals or not _first(fax, "arrival"):
        return
    client = identity.client_facts(box.client_id or 0)
    with force_locale(client.details.language):
        sender = fax.contact_name or international(fax.contact) or gettext("an unknown number")
        subject = gettext("Fax from %(sender)s", sender=sender)
        text = ngettext(
            "A fax of %(num)s page came from %(sender)s to %(own)s.",
            "A fax of %(num)s pages came from %(sender)s to %(own)s.",
            max(fax.pages, 1), sender=sender, own=_own_number(fax),
        )  # fmt: skip
    attached = None
    if box.attach and fax.pdf and fax.pdf_bytes <= MOST_ATTACHED_BYTES:
        attached = Attachment(fax.pdf, f"fax-{fax.at:%Y-%m-%d}.pdf")
    for address in box.copies_to:
        mail.tell_address(
            address, client_id=client.id, subject=subject, text=text, attachment=attached
        )


def tell_result(outcome: Outcome) -> None:
    """Tell the sender of a mail how its fax ended, and who else wants to know of this number."""
    found = _with_box(outcome.fax_id)
    if found is None:
        return
    fax, box = found
    addresses = list(box.copies_to) if box.copy_results else []
    sender = session().scalar(select(FaxMail.sender).where(FaxMail.fax == fax.public_id))
    if sender:
        addresses.insert(0, sender)
    if not addresses or not _first(fax, f"result {fax.attempt}"):
        return
    client = identity.client_facts(outcome.client_id)
    number = international(outcome.contact)
    with force_locale(client.details.language):
        if outcome.state is FaxState.SENT:
            subject = gettext("Fax to %(number)s delivered", number=number)
            text = ngettext(
                "Your fax of %(num)s page to %(number)s was delivered.",
                "Your fax of %(num)s pages to %(number)s was delivered.",
                max(outcome.pages, 1), number=number,
            )  # fmt: skip
        else:
            subject = gettext("Fax to %(number)s not delivered", number=number)
            text = gettext(
                "Your fax to %(number)s was not delivered, and it costs nothing: %(reason)s",
                number=number, reason=gettext(sentence(outcome.code), page=outcome.page),
            )  # fmt: skip
    for address in dict.fromkeys(addresses):
        mail.tell_address(address, client_id=client.id, subject=subject, text=text)


def tell_refused(work: Work, reason: str, *, file: str = "") -> None:
    """Tell the sender of a mail that nothing was faxed, and why."""
    client = identity.client_facts(work.client_id)
    number = international(work.contact)
    with force_locale(client.details.language):
        said = gettext(reason)
        if file:
            said = f"{file}: {said}"
        mail.tell_address(
            work.sender,
            client_id=work.client_id,
            subject=gettext("Your mail was not faxed to %(number)s", number=number),
            text=gettext("Nothing was sent to %(number)s: %(reason)s", number=number, reason=said),
        )


def _with_box(fax_id: int) -> tuple[Fax, FaxMailBox] | None:
    found = session().execute(
        select(Fax, FaxMailBox)
        .join(
            FaxMailBox,
            (FaxMailBox.did_id == Fax.did_id) & (FaxMailBox.client_id == Fax.client_id),
        )
        .where(Fax.id == fax_id, Fax.deleted_at.is_(None))
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    return None if found is None else (found[0], found[1])


def _first(fax: Fax, what: str) -> bool:
    key = {"reseller_id": scope.reseller_id(), "client_id": fax.client_id, "fax_id": fax.id}
    return insert_once(FaxCopy, key | {"did_id": fax.did_id, "what": what, "at": clock.now()})


def _own_number(fax: Fax) -> str:
    owner = numbers.owner_of_did(fax.did_id)
    return international(owner.number) if owner is not None else ""
