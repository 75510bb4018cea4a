"""Logging in and out."""

from portal.web.auth import codes as codes
from portal.web.auth import doors as doors
from portal.web.auth import first_run as first_run
from portal.web.auth import joining as joining
from portal.web.auth import language as language
from portal.web.auth import leaving as leaving
from portal.web.auth import resets as resets
from portal.web.auth import signup as signup
from portal.web.auth import website as website
from portal.web.auth import welcome as welcome
from portal.web.auth.blueprint import bp as bp
