"""The mark of sentences that are written in one place and translated where they are shown."""

from __future__ import annotations


def N_(sentence: str) -> str:
    """The English sentence itself; the extractor of script/translate looks for this name."""
    return sentence
