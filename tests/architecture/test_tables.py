"""Every table has an owner."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Mapper

from portal.core.db import Base, ClientOwned, ResellerOwned
from portal.core.scope import Only
from tests.architecture.source import import_every_table

import_every_table()

# What belongs to the installation: the queue of record, the doors' counters, the key to an empty one.
GLOBAL = {"outbox_tasks", "throttle_counters", "setup_tokens", "push_keys"}
MAPPED = sorted(Base.registry.mappers, key=lambda mapper: str(mapper.local_table))


def table_of(mapper: Mapper[object]) -> str:
    return str(mapper.local_table)


@pytest.mark.parametrize("mapper", MAPPED, ids=table_of)
def test_a_table_is_a_resellers_or_on_the_short_list(mapper: Mapper[object]) -> None:
    owned = issubclass(mapper.class_, ResellerOwned)

    assert owned != (table_of(mapper) in GLOBAL)


@pytest.mark.parametrize(
    "mapper", [one for one in MAPPED if issubclass(one.class_, ResellerOwned)], ids=table_of
)
def test_a_resellers_row_always_names_its_reseller(mapper: Mapper[object]) -> None:
    owner = mapper.columns["id" if table_of(mapper) == "resellers" else "reseller_id"]

    assert not owner.nullable


@pytest.mark.parametrize(
    "mapper",
    [one for one in MAPPED if "client_id" in one.columns and table_of(one) not in GLOBAL],
    ids=table_of,
)
def test_a_row_that_names_a_client_is_filtered_by_it(mapper: Mapper[object]) -> None:
    assert issubclass(mapper.class_, ClientOwned)


def test_every_table_is_mapped_so_that_the_scope_can_see_it() -> None:
    mapped = {table_of(mapper) for mapper in MAPPED}

    assert mapped == set(Base.metadata.tables)


# What somebody limited to some sub-accounts of a client may see whole: who they are, the wallet that a
# text of theirs is paid from (the pages of money are closed to them), and whom the team knows.
SHARED_BY_A_TEAM = {
    "clients", "people", "second_steps", "recovery_codes",
    "ledger_accounts", "ledger_balances", "ledger_holds", "text_settings", "text_usages",
    "fax_folders", "fax_settings", "fax_mail_wishes",
    "notices", "notice_wishes", "push_subscriptions",
    "contacts", "contact_numbers", "contact_groups", "contact_members", "contact_imports",
    "message_templates",
}  # fmt: skip


def test_a_clients_table_is_closed_to_limited_people_or_on_the_short_list() -> None:
    nothing = Only(frozenset(), frozenset())

    whole = {
        table_of(mapper)
        for mapper in MAPPED
        if issubclass(mapper.class_, ClientOwned) and mapper.class_.limited_to(nothing) is None
    }

    assert whole == SHARED_BY_A_TEAM
