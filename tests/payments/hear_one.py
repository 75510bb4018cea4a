"""One message, heard by a web server of its own that a failpoint may kill: told by argv."""

from __future__ import annotations

import json
import sys

from portal.factory import create_app


def main() -> None:
    """Post it as PayPal would; what it says does not matter before it is stored."""
    hook, order = sys.argv[1:]
    create_app().test_client().post(f"/hooks/paypal/{hook}", data=json.dumps({"id": order}))
