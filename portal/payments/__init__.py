"""Money coming in, and what staff charge or undo by hand."""

from portal.payments.service import LARGEST as LARGEST
from portal.payments.service import add_charge as add_charge
from portal.payments.service import add_payment as add_payment
from portal.payments.service import reverse as reverse
