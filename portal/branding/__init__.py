"""How a reseller's portal looks: colours, title, welcome text."""

from __future__ import annotations

from portal.branding.css import GLOBEX as GLOBEX
from portal.branding.css import NORTHWIND as NORTHWIND
from portal.branding.css import Check as Check
from portal.branding.css import Theme as Theme
from portal.branding.css import checks as checks
from portal.branding.queries import Brand as Brand
from portal.branding.queries import Sheet as Sheet
from portal.branding.queries import current_theme as current_theme
from portal.branding.queries import stylesheet as stylesheet
from portal.branding.service import publish_theme as publish_theme
from portal.branding.service import theme_from as theme_from
