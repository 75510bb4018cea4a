"""Which services a client may see and use."""

from __future__ import annotations

from portal.entitlements.catalogue import DEFAULT_ON as DEFAULT_ON
from portal.entitlements.catalogue import FEATURES as FEATURES
from portal.entitlements.catalogue import MONEY as MONEY
from portal.entitlements.catalogue import Service as Service
from portal.entitlements.catalogue import View as View
from portal.entitlements.rules import Allowed as Allowed
from portal.entitlements.rules import Configuration as Configuration
from portal.entitlements.service import Parts as Parts
from portal.entitlements.service import allowed as allowed
from portal.entitlements.service import allowed_services as allowed_services
from portal.entitlements.service import configuration_of as configuration_of
from portal.entitlements.service import default_configuration as default_configuration
from portal.entitlements.service import money_is_hidden as money_is_hidden
from portal.entitlements.service import parts_of as parts_of
from portal.entitlements.service import save_default_configuration as save_default_configuration
from portal.entitlements.service import versions_with as versions_with
