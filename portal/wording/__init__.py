"""The words of a reseller: the welcome text and the mails, one version per language.

``from_json`` and ``from_text`` read what was typed, ``save_text`` keeps it, ``page_html`` and
``mail_html`` show it. HTML is made here and nowhere taken from anybody.
"""

from __future__ import annotations

from portal.wording.catalogue import COMMON as COMMON
from portal.wording.catalogue import WELCOME as WELCOME
from portal.wording.document import Document as Document
from portal.wording.document import from_delta as from_delta
from portal.wording.document import from_json as from_json
from portal.wording.document import from_text as from_text
from portal.wording.document import picture_first as picture_first
from portal.wording.palette import PALETTE as PALETTE
from portal.wording.pictures import shown_pictures as shown_pictures
from portal.wording.queries import blank_text as blank_text
from portal.wording.queries import find_text as find_text
from portal.wording.queries import text_for as text_for
from portal.wording.queries import texts_showing as texts_showing
from portal.wording.queries import written_texts as written_texts
from portal.wording.render import mail_html as mail_html
from portal.wording.render import page_html as page_html
from portal.wording.render import plain_text as plain_text
from portal.wording.service import checked as checked
from portal.wording.service import forget_text as forget_text
from portal.wording.service import save_text as save_text
from portal.wording.values import SavedText as SavedText
from portal.wording.values import TextKind as TextKind
from portal.wording.values import TextRow as TextRow
from portal.wording.values import UnknownNames as UnknownNames
from portal.wording.variables import fill as fill
from portal.wording.variables import fill_text as fill_text
