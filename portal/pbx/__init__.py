"""Sub-accounts: what a phone registers with, and who has it under which package."""

from __future__ import annotations

from portal.pbx.queries import all_sub_accounts as all_sub_accounts
from portal.pbx.queries import find_sub_account as find_sub_account
from portal.pbx.queries import free_sub_accounts as free_sub_accounts
from portal.pbx.queries import ids_by_account as ids_by_account
from portal.pbx.queries import sub_accounts_of as sub_accounts_of
from portal.pbx.values import NewAccount as NewAccount
from portal.pbx.values import Refreshed as Refreshed
from portal.pbx.values import SubAccountRow as SubAccountRow
