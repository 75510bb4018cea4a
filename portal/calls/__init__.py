"""Call detail records: recorded once, rated, charged, found again."""

from portal.calls import check as check
from portal.calls.queries import CallRow as CallRow
from portal.calls.queries import Day as Day
from portal.calls.queries import Totals as Totals
from portal.calls.queries import attention as attention
from portal.calls.queries import attention_counts as attention_counts
from portal.calls.queries import by_client as by_client
from portal.calls.queries import complete_until as complete_until
from portal.calls.queries import count_up_to as count_up_to
from portal.calls.queries import days as days
from portal.calls.queries import every as every
from portal.calls.queries import find as find
from portal.calls.queries import last_id as last_id
from portal.calls.queries import profit_by_day as profit_by_day
from portal.calls.queries import search as search
from portal.calls.queries import starts as starts
from portal.calls.queries import totals as totals
from portal.calls.service import BATCH as BATCH
from portal.calls.service import import_from as import_from
from portal.calls.service import mark_complete as mark_complete
from portal.calls.service import record as record
from portal.calls.service import rerate_waiting as rerate_waiting
from portal.calls.values import CallFilter as CallFilter
from portal.calls.values import CallSort as CallSort
from portal.calls.values import CallState as CallState
from portal.calls.values import Recorded as Recorded
