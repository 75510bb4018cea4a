"""Sub-accounts: what a phone registers with, and who has it under which package."""

from __future__ import annotations

from portal.pbx.pushes import not_pushed as not_pushed
from portal.pbx.pushes import open_push as open_push
from portal.pbx.pushes import push_package as push_package
from portal.pbx.pushes import push_problems as push_problems
from portal.pbx.pushes import pushed as pushed
from portal.pbx.queries import accounts_in_use as accounts_in_use
from portal.pbx.queries import accounts_without_package as accounts_without_package
from portal.pbx.queries import all_sub_accounts as all_sub_accounts
from portal.pbx.queries import clients_with_account as clients_with_account
from portal.pbx.queries import find_sub_account as find_sub_account
from portal.pbx.queries import free_sub_accounts as free_sub_accounts
from portal.pbx.queries import ids_by_account as ids_by_account
from portal.pbx.queries import sub_accounts_of as sub_accounts_of
from portal.pbx.servers import ServerRow as ServerRow
from portal.pbx.servers import look_up_server as look_up_server
from portal.pbx.servers import name_server as name_server
from portal.pbx.servers import note_server as note_server
from portal.pbx.servers import record_servers as record_servers
from portal.pbx.servers import servers_for_clients as servers_for_clients
from portal.pbx.servers import sip_servers as sip_servers
from portal.pbx.service import assign_package as assign_package
from portal.pbx.service import create_at_carrier as create_at_carrier
from portal.pbx.service import describe as describe
from portal.pbx.service import keep_account as keep_account
from portal.pbx.service import note_registrations as note_registrations
from portal.pbx.service import password_of as password_of
from portal.pbx.service import record_accounts as record_accounts
from portal.pbx.service import unlink_account as unlink_account
from portal.pbx.values import NewAccount as NewAccount
from portal.pbx.values import PushProblem as PushProblem
from portal.pbx.values import Refreshed as Refreshed
from portal.pbx.values import RoutePush as RoutePush
from portal.pbx.values import SubAccountRow as SubAccountRow
