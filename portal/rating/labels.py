"""What the steps of an explanation are called: English message ids, translated by the web layer."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from portal.core.sentences import N_

_MATCHED, _LENGTH, _COST = N_("Matched"), N_("Length"), N_("Cost")

LABELS: Final = MappingProxyType(
    {
        "area": (_MATCHED, N_("Package rate for %(area)s")),
        "markup": (_MATCHED, N_("Markup of the package")),
        "rate_of_package": (_MATCHED, N_("Rate of the package")),
        "inbound": (_MATCHED, N_("Incoming call at the number's rate")),
        "recording": (_MATCHED, N_("Call recording")),
        "fax": (_MATCHED, N_("Fax at the number's rate")),
        "unanswered": (_MATCHED, N_("Not answered: no charge")),
        "internal": (_MATCHED, N_("Between your own extensions: no charge")),
        "on_net": (_MATCHED, N_("Inside the carrier's network: no charge")),
        "free_zone": (_MATCHED, N_("Free zone %(zone)s: no charge")),
        "free_zone_cost": (
            _MATCHED,
            N_("Free zone: cost %(cost_per_minute)s a minute is not above %(limit_per_minute)s"),
        ),
        "emergency": (_MATCHED, N_("Emergency call: charged at cost")),
        "free_call": (_MATCHED, N_("Toll-free or service number: no charge")),
        "unrated": (_MATCHED, N_("No rate is known for this call yet")),
        "failed_but_billed": (
            N_("Result"),
            N_("Reported as failed, but connected: charged on its seconds"),
        ),
        "free_minutes": (
            N_("Free minutes"),
            N_("%(used_minutes)s of %(before_minutes)s used, %(rest_seconds)s s left to charge"),
        ),
        "length": (
            _LENGTH,
            N_("%(seconds)s s, billed %(billed_seconds)s s (pulse %(pulse_seconds)s s)"),
        ),
        "length_first": (
            _LENGTH,
            N_(
                "%(seconds)s s, billed %(billed_seconds)s s "
                "(first %(first_seconds)s s, then pulse %(pulse_seconds)s s)"
            ),
        ),
        "recorded": (_LENGTH, N_("%(seconds)s s, each started minute: %(billed_seconds)s s")),
        "cost_of_row": (_COST, N_("%(cost_per_minute)s a minute, from the carrier's record")),
        "cost_of_deck": (
            _COST,
            N_("%(cost_per_minute)s a minute, from the rate deck (prefix %(prefix)s)"),
        ),
        "exchange": (N_("Exchange rate"), N_("× %(exchange)s = %(per_minute)s")),
        "fixed": (N_("Fixed markup"), N_("+ %(fixed)s = %(per_minute)s")),
        "percent": (N_("Percent markup"), N_("+ %(percent)s %% = %(per_minute)s a minute")),
        "calculation": (N_("Price"), N_("%(minutes)s min × %(per_minute)s = %(amount)s")),
        "rounded": (N_("Rounded"), "%(price)s"),
        "total": (N_("Carrier's charge"), "%(own_cost)s"),
        "total_exchanged": (
            N_("Carrier's charge"),
            "%(cost_total)s × %(exchange)s = %(own_cost)s",
        ),
        "profit": (N_("Profit"), "%(profit)s"),
    }
)
"""Step code → (label, text). Texts without words are not translated."""
