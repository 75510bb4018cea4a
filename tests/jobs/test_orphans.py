"""What a killed process kept and no row names is swept; everything that a row names stays."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlalchemy import select

from jobs.upkeep import purge_expired
from portal import identity
from portal.core import clock, storage
from portal.core.db import session
from portal.core.scope import unscoped
from portal.fax.models import Fax, FaxFile, FaxPage
from portal.messaging.models import MessageFile
from tests.fax_things import give_faxes
from tests.pictures import photograph
from tests.web.client.test_conversations import Browse
from tests.web.client.test_message_files import upload
from tests.web.client.test_messages import thread_with
from tests.world import World


def kept(content: bytes = b"%PDF-1.7") -> str:
    path = storage.draft(ending="pdf")
    path.write_bytes(content)
    return storage.keep(path, ending="pdf")


def is_there(name: str) -> bool:
    return (storage._folder() / name).is_file()


def named() -> set[str]:
    columns = (
        MessageFile.stored_as, MessageFile.thumbnail_as, Fax.pdf, Fax.report, FaxFile.stored_as,
        FaxPage.picture, FaxPage.view, FaxPage.thumb,
    )  # fmt: skip
    with unscoped("a test"):
        return {name for one in columns for name in session().scalars(select(one)) if name}


def test_a_file_that_no_row_names_goes_after_a_day_and_no_other_ever_does(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    upload(ada, ada.open(thread_with(world)), (photograph(), "card.jpg"))
    lost, in_a_corner = kept(), kept()
    with world.within(world.northwind):
        give_faxes(world.a.id, "+16135550155")
        identity.record("client.noted", client_id=world.a.id, deep={"in": [in_a_corner]})
    before = {name for name in named() if is_there(name)}
    assert before

    with unscoped("as the job runs"):
        purge_expired()
    early = is_there(lost)
    with (
        time_machine.travel(clock.now() + timedelta(hours=25), tick=True),
        unscoped("as the job runs"),
    ):
        purge_expired()

    assert early, "it may still be on its way to its row"
    assert not is_there(lost)
    assert is_there(in_a_corner)
    assert {name for name in before if not is_there(name)} == set()
