"""Ringfront: a self-hosted, white-label portal for people who resell telephone service."""

__version__ = "0.1.0"
