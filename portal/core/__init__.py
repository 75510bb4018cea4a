"""Plumbing that knows nothing of telephony or billing."""
