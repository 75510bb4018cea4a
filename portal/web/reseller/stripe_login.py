"""The login at Stripe as the page of payments shows it."""

from __future__ import annotations

from typing import Any

from portal import payments
from portal.core.registry import settings
from portal.web.forms.stripe_settings import StripeForm
from portal.web.reseller.blueprint import can


def context(form: StripeForm | None = None, trial: str = "") -> dict[str, Any]:
    """What the section needs; ``trial`` is '', 'ok' or the problem."""
    kept = payments.gateway_account(payments.STRIPE)
    return {
        "stripe": form or StripeForm(data={"on": bool(kept and kept.on)}),
        "stripe_trial": trial,
        "stripe_account": kept.public.get("account", "") if kept else "",
        "stripe_live": bool(kept and kept.live),
        "stripe_on": bool(kept and kept.on),
        "stripe_has_key": bool(kept and kept.secrets.get("secret_key")),
        "stripe_has_hook": bool(kept and kept.secrets.get("webhook_secret")),
        "stripe_hook_url": f"{settings().portal_url}/hooks/stripe/{kept.hook}"
        if kept and can("configuration")
        else "",
    }
