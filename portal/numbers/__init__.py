"""Numbers (DIDs): what the carrier lists, and to whom each is connected."""

from __future__ import annotations

from portal.numbers.inventory import record_inventory as record_inventory
from portal.numbers.pushes import not_pushed as not_pushed
from portal.numbers.pushes import open_push as open_push
from portal.numbers.pushes import push_all_later as push_all_later
from portal.numbers.pushes import push_problems as push_problems
from portal.numbers.pushes import pushed as pushed
from portal.numbers.queries import all_dids as all_dids
from portal.numbers.queries import by_sub_account as by_sub_account
from portal.numbers.queries import did_book as did_book
from portal.numbers.queries import did_counts as did_counts
from portal.numbers.queries import dids_of as dids_of
from portal.numbers.queries import find_did as find_did
from portal.numbers.queries import free_dids as free_dids
from portal.numbers.queries import owner_of as owner_of
from portal.numbers.queries import owner_of_did as owner_of_did
from portal.numbers.queries import sms_choices as sms_choices
from portal.numbers.service import change_connection as change_connection
from portal.numbers.service import connect_dids as connect_dids
from portal.numbers.service import default_did_fees as default_did_fees
from portal.numbers.service import unconnect as unconnect
from portal.numbers.values import CallbackPush as CallbackPush
from portal.numbers.values import DidBook as DidBook
from portal.numbers.values import DidFees as DidFees
from portal.numbers.values import DidOwner as DidOwner
from portal.numbers.values import DidRow as DidRow
from portal.numbers.values import Inventory as Inventory
from portal.numbers.values import PushProblem as PushProblem
from portal.numbers.values import Routing as Routing
from portal.numbers.values import SmsChoice as SmsChoice
from portal.numbers.values import routing_of as routing_of
