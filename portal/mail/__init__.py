"""E-mails: written with what they are about, sent after the commit.

``claim`` to ``postpone`` and ``transport`` are for the job that sends.
"""

from __future__ import annotations

from portal.mail.queries import kept_mails as kept_mails
from portal.mail.queries import unsent_mail as unsent_mail
from portal.mail.queries import unsent_mails as unsent_mails
from portal.mail.service import claim as claim
from portal.mail.service import fail as fail
from portal.mail.service import forget_texts as forget_texts
from portal.mail.service import is_waiting as is_waiting
from portal.mail.service import keep as keep
from portal.mail.service import postpone as postpone
from portal.mail.service import queue_mail as queue_mail
from portal.mail.service import send_reset_link as send_reset_link
from portal.mail.service import settle as settle
from portal.mail.service import tell_password_was_reset as tell_password_was_reset
from portal.mail.values import MailName as MailName
from portal.mail.values import MailRow as MailRow
from portal.mail.values import MailState as MailState
