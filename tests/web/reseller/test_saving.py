"""Tabs of the configuration are saved one by one, in place where htmx is there."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.browser import Browser
from tests.world import World

Browse = Callable[..., Browser]


@pytest.mark.parametrize(
    ("page", "form", "fields"),
    [
        ("access", "#websites-form", {"login_origins": "https://www.northwind.example"}),
        ("access/version", "#interface-form", {"interface": "classic"}),
        ("display", "#display", {"show_forgot_password": None}),
        ("display", "#sign-up", {"is_on": "y"}),
        ("display", "#closed-clients", {"keep_closed_years": "9"}),
        ("company", "#company", {"website": "https://northwind.example"}),
        ("fees", "#fees", {"sms_out": "0.0175"}),
    ],
)
def test_htmx_stays_and_fetches_the_saved_part_anew(
    world: World, browse: Browse, page: str, form: str, fields: dict[str, str | None]
) -> None:
    owner = browse(world.northwind.owner)
    address = f"/staff/configuration/{page}"
    owner.open(address)

    answer = owner.submit(form, htmx=True, **fields)

    assert answer.status == 204
    where = json.loads(answer.headers["HX-Location"])
    assert (where["path"], where["target"], where["select"]) == (address, form, form)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    again = owner.open(address)
    assert again.has(form)
    for name, value in fields.items():
        if value is None:
            assert not again.has(f"{form} [name={name}][checked]")
        else:
            assert value in str(again.find(form))
