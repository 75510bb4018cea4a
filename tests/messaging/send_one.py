"""One text, accepted by a process of its own that a failpoint may kill: told by argv."""

from __future__ import annotations

import sys
import uuid
from typing import cast

from portal import messaging
from portal.core.db import transaction
from portal.core.scope import Scope, bind
from portal.factory import create_app
from portal.messaging import Draft
from portal.rating.messages import Choice
from tests.messaging.conftest import CONTACT, OWN


def main() -> None:
    """Accept it as the web server would."""
    reseller_id, client_id, person_id, text, reference, send_as, *files = sys.argv[1:]
    chosen = tuple(uuid.UUID(one) for one in files)
    with create_app().app_context(), bind(Scope(int(reseller_id))), transaction():
        messaging.queue(
            int(client_id),
            Draft(OWN, CONTACT, text, reference, chosen, cast("Choice", send_as)),
            person_id=int(person_id),
        )
