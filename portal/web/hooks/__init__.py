"""Machines calling us."""

from portal.web.hooks import fax as fax
from portal.web.hooks import media as media
from portal.web.hooks import paypal as paypal
from portal.web.hooks import sms as sms
from portal.web.hooks import stripe as stripe
from portal.web.hooks.blueprint import bp as bp
