"""What follows from a balance and from the calendar."""

from portal.billing.balances import Reviewed as Reviewed
from portal.billing.balances import review as review
