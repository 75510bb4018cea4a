"""Staff look at a client's portal: with a reason, read-only first, and out again."""

from __future__ import annotations

from portal import identity
from tests.browser import Browser
from tests.world import World


def test_a_reason_is_asked_for(owner: Browser, world: World) -> None:
    owner.open(f"/staff/clients/{world.a.public_id}/log-in")

    page = owner.submit("#act", reason="")

    assert page.status == 422
    assert page.text("#reason-error") == "This field is needed."


def test_staff_open_a_portal_read_only_allow_changes_and_leave(
    owner: Browser, world: World
) -> None:
    owner.open(f"/staff/clients/{world.a.public_id}/log-in")

    portal = owner.submit("#act", reason="Ticket 4711")
    banner = portal.text("#acting")
    refused = owner.post(f"{world.a.base}/profile/low-balance", {"threshold": "30"})
    allowed = owner.post(f"{world.a.base}/acting/allow-changes")
    changed = owner.post(f"{world.a.base}/profile/low-balance", {"threshold": "30", "email": ""})
    back = owner.post(f"{world.a.base}/acting/leave")

    assert portal.path == f"{world.a.base}/dashboard"
    assert "as Harbourlight Dental" in banner
    assert "Read only" in banner
    assert refused.status == 403
    assert "Changes allowed" in allowed.text("#acting")
    assert changed.status == 200
    assert back.path == "/staff/clients"


def test_the_reason_stands_in_the_log_of_the_client(owner: Browser, world: World) -> None:
    owner.open(f"/staff/clients/{world.a.public_id}/log-in")
    owner.submit("#act", reason="Ticket 4711")
    owner.post(f"{world.a.base}/acting/leave")

    page = owner.open(f"/staff/clients/{world.a.public_id}/log")

    assert "Portal viewed: Ticket 4711" in page.text("#log")
    with world.reading(world.northwind):
        assert identity.viewers_of(world.a.id)[0].person_name == "Ada Moreau"
