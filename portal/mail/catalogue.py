"""Every mail the portal writes, and the words its template may use.

Each also knows ``firstname``, ``lastname`` (the guide's variables), ``brand``, ``portal_url`` and
``contact``: the lines that say who wrote and how to reach them.
"""

from __future__ import annotations

from portal.mail.values import MailName

COMMON = frozenset({"firstname", "lastname", "brand", "portal_url", "contact"})

VARIABLES: dict[MailName, frozenset[str]] = {
    MailName.RESET_PASSWORD: frozenset({"link"}),
    MailName.PASSWORD_WAS_RESET: frozenset(),
    MailName.LOW_BALANCE: frozenset({"balance", "threshold"}),
    MailName.SUSPENDED: frozenset({"balance"}),
    MailName.RESUMED: frozenset({"balance"}),
}
