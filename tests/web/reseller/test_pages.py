"""Every page of the back-office opens, asks the database little, and looks the part."""

from __future__ import annotations

from tests.browser import Browser
from tests.web.reseller.conftest import counted
from tests.world import World

MOST_QUERIES = 33  # the dashboard: one for each thing that may need attention
PAGES = (
    "/staff/", "/staff/?period=week", "/staff/?period=year", "/staff/clients", "/staff/clients/new",
    "/staff/clients/{a}", "/staff/clients/{a}/edit", "/staff/clients/{a}/transactions",
    "/staff/clients/{a}/payment", "/staff/clients/{a}/charge", "/staff/clients/{a}/sub-accounts",
    "/staff/clients/{a}/sub-accounts/link", "/staff/clients/{a}/numbers",
    "/staff/clients/{a}/numbers/connect", "/staff/clients/{a}/calls", "/staff/clients/{a}/log",
    "/staff/clients/{a}/log-in", "/staff/clients/{a}/close", "/staff/packages", "/staff/packages/new",
    "/staff/packages/{p}", "/staff/packages/{p}/rates", "/staff/packages/{p}/free-zones",
    "/staff/packages/{p}/versions", "/staff/packages/{p}/copy", "/staff/attention", "/staff/configuration/fees",
    "/staff/profile",
)  # fmt: skip


def test_every_page_opens_with_few_questions_to_the_database(owner: Browser, world: World) -> None:
    names = {"a": world.a.public_id, "p": world.northwind.packages["Office Standard"]}
    asked = {}

    for path in PAGES:
        with counted() as said:
            page = owner.open(path.format(**names))
        asked[path] = (page.status, len(said))

    assert {path: status for path, (status, _) in asked.items() if status != 200} == {}
    assert {path: count for path, (_, count) in asked.items() if count > MOST_QUERIES} == {}
