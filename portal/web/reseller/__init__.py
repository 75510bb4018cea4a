"""The reseller blueprint."""

from portal.web.reseller.blueprint import bp as bp
