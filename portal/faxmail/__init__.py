"""Faxes by e-mail: a mail to a number's own address goes out as a fax, and what comes is mailed."""

from portal.faxmail.arriving import HEADS as HEADS
from portal.faxmail.arriving import Door as Door
from portal.faxmail.arriving import NotTaken as NotTaken
from portal.faxmail.arriving import check as check
from portal.faxmail.arriving import keep as keep
from portal.faxmail.arriving import knock as knock
from portal.faxmail.boxes import address_list as address_list
from portal.faxmail.boxes import box as box
from portal.faxmail.boxes import boxes as boxes
from portal.faxmail.boxes import latest as latest
from portal.faxmail.boxes import new_address as new_address
from portal.faxmail.boxes import save as save
from portal.faxmail.sending import begin as begin
from portal.faxmail.sending import finish as finish
from portal.faxmail.sending import refuse as refuse
from portal.faxmail.sending import waiting as waiting
from portal.faxmail.telling import copy_arrival as copy_arrival
from portal.faxmail.telling import tell_result as tell_result
from portal.faxmail.values import Box as Box
from portal.faxmail.values import MailState as MailState
from portal.faxmail.values import ReceivedMail as ReceivedMail
from portal.faxmail.values import Wishes as Wishes
