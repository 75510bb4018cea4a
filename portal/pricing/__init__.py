"""Price lists a reseller keeps, and what was in force when."""

from __future__ import annotations

from portal.pricing.allowances import Meter as Meter
from portal.pricing.allowances import minutes_used as minutes_used
from portal.pricing.allowances import period_start as period_start
from portal.pricing.allowances import take_minutes as take_minutes
from portal.pricing.context import RatingContext as RatingContext
from portal.pricing.context import rating_context as rating_context
from portal.pricing.decks import DeckLine as DeckLine
from portal.pricing.decks import deck_for as deck_for
from portal.pricing.decks import record_deck as record_deck
from portal.pricing.fees import default_fees as default_fees
from portal.pricing.fees import exchange_rate as exchange_rate
from portal.pricing.fees import save_default_fees as save_default_fees
from portal.pricing.fees import save_exchange_rate as save_exchange_rate
from portal.pricing.fees import sms_price as sms_price
from portal.pricing.values import Fees as Fees
from portal.pricing.values import Holder as Holder
from portal.pricing.values import Link as Link
from portal.pricing.values import PackageDetails as PackageDetails
from portal.pricing.values import Version as Version
