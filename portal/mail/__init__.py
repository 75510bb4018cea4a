"""E-mails: written with what they are about, sent after the commit.

``claim`` to ``postpone``, ``way_out`` and ``transport`` are for the job that sends.
"""

from __future__ import annotations

from portal.mail.catalogue import EDITABLE as EDITABLE
from portal.mail.catalogue import SWITCHABLE as SWITCHABLE
from portal.mail.catalogue import VARIABLES as VARIABLES
from portal.mail.catalogue import kind_of as kind_of
from portal.mail.compose import in_our_words as in_our_words
from portal.mail.compose import in_own_words as in_own_words
from portal.mail.log import LoggedMail as LoggedMail
from portal.mail.log import log as log
from portal.mail.log import send_again as send_again
from portal.mail.problems import advice as advice
from portal.mail.problems import sentence as sentence
from portal.mail.queries import kept_mails as kept_mails
from portal.mail.queries import undelivered as undelivered
from portal.mail.queries import unsent_mail as unsent_mail
from portal.mail.queries import unsent_mails as unsent_mails
from portal.mail.servers import note_ok as note_ok
from portal.mail.servers import note_problem as note_problem
from portal.mail.servers import own_server as own_server
from portal.mail.servers import remove_server as remove_server
from portal.mail.servers import save_server as save_server
from portal.mail.servers import way_out as way_out
from portal.mail.servers import way_through as way_through
from portal.mail.service import answer_sign_up as answer_sign_up
from portal.mail.service import claim as claim
from portal.mail.service import copy_text as copy_text
from portal.mail.service import dismiss_failed as dismiss_failed
from portal.mail.service import fail as fail
from portal.mail.service import forget_client as forget_client
from portal.mail.service import forget_texts as forget_texts
from portal.mail.service import is_waiting as is_waiting
from portal.mail.service import keep as keep
from portal.mail.service import postpone as postpone
from portal.mail.service import queue_mail as queue_mail
from portal.mail.service import send_invitation as send_invitation
from portal.mail.service import send_news as send_news
from portal.mail.service import send_report as send_report
from portal.mail.service import send_reset_link as send_reset_link
from portal.mail.service import send_test as send_test
from portal.mail.service import send_welcome as send_welcome
from portal.mail.service import settle as settle
from portal.mail.service import tell_address as tell_address
from portal.mail.service import tell_password_was_reset as tell_password_was_reset
from portal.mail.service import tell_person as tell_person
from portal.mail.service import tell_second_step_changed as tell_second_step_changed
from portal.mail.service import try_failed_again as try_failed_again
from portal.mail.switches import switch_mail as switch_mail
from portal.mail.switches import switched_off as switched_off
from portal.mail.transport import Trial as Trial
from portal.mail.transport import try_out as try_out
from portal.mail.values import Attachment as Attachment
from portal.mail.values import MailName as MailName
from portal.mail.values import MailRow as MailRow
from portal.mail.values import MailState as MailState
from portal.mail.values import Problem as Problem
from portal.mail.values import Recipient as Recipient
from portal.mail.values import Security as Security
from portal.mail.values import ServerDetails as ServerDetails
from portal.mail.values import ServerHealth as ServerHealth
from portal.mail.values import Step as Step
from portal.mail.values import WayOut as WayOut
from portal.mail.values import Written as Written
