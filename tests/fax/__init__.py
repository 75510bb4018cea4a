"""Faxes."""
