"""The client blueprint."""

from portal.web.client.blueprint import bp as bp
