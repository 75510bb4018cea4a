"""The guide's report of faxes per user."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from tests.browser import Browser
from tests.fax_things import give_faxes
from tests.world import World

Browse = Callable[..., Browser]


def test_staff_see_what_each_fax_cost_and_brought_and_take_it_along(
    world: World, browse: Browse
) -> None:
    with world.within(world.a):
        give_faxes(world.a.id, "+16135550155")
    with world.within(world.b):
        give_faxes(world.b.id, "+16135550156")
    ada = browse(world.northwind.owner)
    address = f"/staff/clients/{world.a.public_id}/faxes"

    page = ada.open(address)
    assert page.status == 200, page.words[:300]
    rows = page.texts("#report-rows tbody tr")
    sent = ada.open(address, htmx=True, direction="out", state="sent")
    none = ada.open(address, q="nobody")
    answer = ada.open("/staff/reports/faxes.csv", client=str(world.a.public_id))
    file = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))

    assert len(rows) == 5, "no draft, and nothing of another client"
    assert "$0.06" in page.text("#report-totals")
    assert ["Sunrise" in row for row in sent.texts("#report-rows tbody tr")] == [True]
    assert "Nothing matches" in none.words
    assert not page.has("a[href*='.pdf']"), "documents are not for staff"
    assert sorted(row[11] for row in file[1:]) == ["0.000000"] * 3 + ["0.024000", "0.036000"]
    assert ada.open(f"/staff/clients/{world.x.public_id}/faxes").status == 404
