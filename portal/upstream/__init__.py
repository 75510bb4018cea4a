"""A reseller's account at the carrier: its login, kept sealed, and its health."""

from __future__ import annotations

from portal.upstream.queries import Health as Health
from portal.upstream.queries import callback_address as callback_address
from portal.upstream.queries import connected_reseller_ids as connected_reseller_ids
from portal.upstream.queries import fax_callback_address as fax_callback_address
from portal.upstream.queries import health as health
from portal.upstream.queries import hook_reseller as hook_reseller
from portal.upstream.queries import hook_secret as hook_secret
from portal.upstream.queries import is_connected as is_connected
from portal.upstream.service import carrier as carrier
from portal.upstream.service import connect_login as connect_login
from portal.upstream.service import new_hook_secret as new_hook_secret
from portal.upstream.service import note_error as note_error
from portal.upstream.service import note_ok as note_ok
from portal.upstream.service import try_login as try_login
from portal.upstream.trial import Trial as Trial
from portal.upstream.trial import may_choose_endpoint as may_choose_endpoint
from portal.upstream.trial import save_login as save_login
from portal.upstream.trial import try_out as try_out
