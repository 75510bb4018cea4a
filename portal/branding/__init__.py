"""How a reseller's portal looks: colours and title."""

from __future__ import annotations

from portal.branding.css import GLOBEX as GLOBEX
from portal.branding.css import NORTHWIND as NORTHWIND
from portal.branding.css import Check as Check
from portal.branding.css import Theme as Theme
from portal.branding.css import checks as checks
from portal.branding.picture_files import MOST_PICTURE_BYTES as MOST_PICTURE_BYTES
from portal.branding.picture_files import Purpose as Purpose
from portal.branding.picture_files import ReadPicture as ReadPicture
from portal.branding.picture_files import import_picture as import_picture
from portal.branding.picture_files import read_picture as read_picture
from portal.branding.pictures import PictureFacts as PictureFacts
from portal.branding.pictures import delete_picture as delete_picture
from portal.branding.pictures import find_picture as find_picture
from portal.branding.pictures import keep_picture as keep_picture
from portal.branding.pictures import list_pictures as list_pictures
from portal.branding.queries import Brand as Brand
from portal.branding.queries import Sheet as Sheet
from portal.branding.queries import current_theme as current_theme
from portal.branding.queries import stylesheet as stylesheet
from portal.branding.service import publish_theme as publish_theme
from portal.branding.service import theme_from as theme_from
from portal.branding.text_colours import set_text_colours as set_text_colours
