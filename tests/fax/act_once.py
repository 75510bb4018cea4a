"""One step of a person at faxes, taken by a process that a failpoint may kill: told by argv."""

from __future__ import annotations

import sys
import uuid

from portal import fax
from portal.core.db import transaction
from portal.core.scope import Scope, bind
from portal.factory import create_app
from portal.fax import Recipient
from tests.fax.conftest import CLINIC, a_pdf, an_upload


def main() -> None:
    """Upload to, or send, a draft as the web server would."""
    step, reseller_id, client_id, draft = sys.argv[1:]
    with create_app().app_context(), bind(Scope(int(reseller_id))), transaction():
        if step == "upload":
            fax.add_file(int(client_id), uuid.UUID(draft), name="a.pdf", path=an_upload(a_pdf(2)))
        else:
            fax.send(int(client_id), uuid.UUID(draft), [Recipient(CLINIC)], reference="r1")
