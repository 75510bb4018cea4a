"""What the client of this request may see and use, asked once per request."""

from __future__ import annotations

from flask import abort, g
from flask_babel import gettext

from portal import branding, entitlements, fax, ledger, messaging, notices
from portal.branding import Brand
from portal.core import scope
from portal.core.scope import Scope, bind
from portal.entitlements import Allowed, Service
from portal.fax import Folders
from portal.ledger import Standing
from portal.web.places import reseller
from portal.web.session import person


def client_id() -> int:
    """The client whose portal this is, where a guard has already made sure of one."""
    found = person().client_id
    assert found is not None
    return found


def allowed() -> Allowed:
    """The services, the view, and whether money is hidden."""
    if "allowed" not in g:
        access = person().access
        found = _parts().together()
        g.allowed = found if access is None or access.sees_money else found.without_money()
    asked: Allowed = g.allowed
    return asked


def accounts_with(service: Service) -> frozenset[int]:
    """The sub-accounts (ids) that may use a service."""
    return _parts().with_service(service)


def _parts() -> entitlements.Parts:
    """Asked for once in a request."""
    if "parts" not in g:
        g.parts = entitlements.parts_of(client_id())
    found: entitlements.Parts = g.parts
    return found


def need(service: Service) -> None:
    """404 when a service is off: its menu entry is absent too."""
    if service not in allowed():
        abort(404)


def standing() -> Standing:
    """The client's wallet."""
    if "standing" not in g:
        g.standing = ledger.standing(client_id())
    found: Standing = g.standing
    return found


def unread() -> int:
    """How many texts wait to be read; none where texts are off."""
    return _waiting()[0] if Service.SMS_MMS in allowed() else 0


def notices_waiting() -> int:
    """How many notices this person has not seen; staff who look have none here."""
    return 0 if person().acting else _waiting()[1]


def _waiting() -> tuple[int, int]:
    if "waiting" not in g:
        g.waiting = notices.waiting(client_id(), person().person_id)
    found: tuple[int, int] = g.waiting
    return found


def fax_folders() -> Folders:
    """How many faxes lie in each folder."""
    if "fax_folders" not in g:
        g.fax_folders = fax.folders(client_id())
    found: Folders = g.fax_folders
    return found


def forget_fax_folders() -> None:
    """Count again: something was moved."""
    g.pop("fax_folders", None)


def unread_faxes() -> int:
    """How many faxes wait to be read; none where faxes are off."""
    if "unread_faxes" not in g:
        g.unread_faxes = fax.unread_count(client_id()) if Service.FAX in allowed() else 0
    found: int = g.unread_faxes
    return found


def texts_stopped(own_number: str, contact: str) -> bool:
    """Has this contact asked for no more texts from this number? Asked once in a request."""
    asked: dict[tuple[str, str], bool] = g.setdefault("texts_stopped", {})
    pair = own_number, contact
    if pair not in asked:
        asked[pair] = messaging.is_stopped_between(client_id(), *pair)
    return asked[pair]


def sees_documents() -> bool:
    """May this person read the client's faxes? Staff only where the client lets them read texts."""
    return not scope.hides_texts()


def hidden_words() -> str:
    """What staff read in the place of words that the client keeps to themselves; empty for others."""
    return gettext("Hidden: the client has not let you read it.") if scope.hides_texts() else ""


def need_documents() -> None:
    """404 where faxes are off, and for staff whom the client does not let read them."""
    need(Service.FAX)
    if not sees_documents():
        abort(404)


def theme() -> Brand:
    """The brand of the portal of this request."""
    if "theme" not in g:
        with bind(Scope(reseller().id)):
            g.theme = branding.current_theme()
    found: Brand = g.theme
    return found
