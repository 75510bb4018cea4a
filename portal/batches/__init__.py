"""Work on many clients at once: activate, suspend, write to, bring in from a file.

``run_some`` is for the job, and for the few that are done while somebody waits.
"""

from __future__ import annotations

from portal.batches.importing import FIELDS as FIELDS
from portal.batches.importing import NEEDED as NEEDED
from portal.batches.importing import check as check
from portal.batches.importing import upload as upload
from portal.batches.service import AT_ONCE as AT_ONCE
from portal.batches.service import MOST as MOST
from portal.batches.service import begin as begin
from portal.batches.service import discard as discard
from portal.batches.service import find as find
from portal.batches.service import forget_old as forget_old
from portal.batches.service import rows_of as rows_of
from portal.batches.service import run_now as run_now
from portal.batches.service import run_some as run_some
from portal.batches.service import start as start
from portal.batches.values import BatchFacts as BatchFacts
from portal.batches.values import BatchKind as BatchKind
from portal.batches.values import BatchRowFacts as BatchRowFacts
from portal.batches.values import BatchState as BatchState
from portal.batches.values import Counts as Counts
from portal.batches.values import RowState as RowState
from portal.core.sheets import MOST_BYTES as MOST_BYTES
from portal.core.sheets import read_sheet as read_sheet
