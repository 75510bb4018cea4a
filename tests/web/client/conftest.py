"""What the tests of a client's pages do again and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal import pricing
from portal.entitlements import DEFAULT_ON
from portal.pricing import PackageDetails
from tests.world import Shop, World


@pytest.fixture
def configure(world: World) -> Callable[..., None]:
    """``configure(world.northwind, "Office Standard", hide_money=True)`` changes what clients see."""

    def change(shop: Shop, package: str, *, without: tuple[str, ...] = (), **more: object) -> None:
        services = tuple(sorted(one.value for one in DEFAULT_ON if one.value not in without))
        with world.within(shop):
            pricing.save_package(
                PackageDetails(package, own_services=True, services=services, **more),  # type: ignore[arg-type]
                package=shop.packages[package],
            )

    return change


@pytest.fixture
def count_queries() -> Callable[[Callable[[], object]], int]:
    """``count_queries(action)`` says how many statements an action sends to the database."""

    def count(action: Callable[[], object]) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            if statement.lstrip()[:6].upper() in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            action()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(seen)

    return count
