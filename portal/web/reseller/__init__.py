"""The reseller blueprint; importing the views hangs them in."""

from portal.web.reseller import (  # noqa: F401
    attention,
    carrier,
    client_calls,
    client_links,
    client_log,
    client_money,
    client_numbers,
    client_states,
    clients,
    company,
    dashboard,
    display,
    fees,
    mail_server,
    overview,
    package_areas,
    packages,
    profile,
    reports,
    second_step,
    services,
    sign_up,
    simulator,
    statements,
)
from portal.web.reseller.blueprint import bp as bp
