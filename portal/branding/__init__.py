"""How a reseller's portal looks: colours, pictures and title."""

from __future__ import annotations

from portal.branding.colours import best_ink as best_ink
from portal.branding.colours import mix as mix
from portal.branding.css import COLOURS as COLOURS
from portal.branding.css import GLOBEX as GLOBEX
from portal.branding.css import NORTHWIND as NORTHWIND
from portal.branding.css import Check as Check
from portal.branding.css import Theme as Theme
from portal.branding.css import checks as checks
from portal.branding.looks import PLACES as PLACES
from portal.branding.looks import Look as Look
from portal.branding.looks import ShownPicture as ShownPicture
from portal.branding.looks import read_pictures as read_pictures
from portal.branding.looks import stored_pictures as stored_pictures
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
from portal.branding.queries import VersionRow as VersionRow
from portal.branding.queries import current_theme as current_theme
from portal.branding.queries import find_version as find_version
from portal.branding.queries import sheet_of as sheet_of
from portal.branding.queries import stylesheet as stylesheet
from portal.branding.queries import versions as versions
from portal.branding.service import forget_unused_pictures as forget_unused_pictures
from portal.branding.service import picture_for as picture_for
from portal.branding.service import publish_look as publish_look
from portal.branding.service import publish_theme as publish_theme
from portal.branding.service import restore_version as restore_version
from portal.branding.service import theme_from as theme_from
from portal.branding.suggestions import suggest as suggest
from portal.branding.text_colours import colour_classes as colour_classes
from portal.branding.text_colours import set_text_colours as set_text_colours
