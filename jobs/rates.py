"""Long files of area rates: compared chunk by chunk, applied in one piece."""

from __future__ import annotations

from jobs.runtime import job
from portal import pricing
from portal.core import storage
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError


@job
def compare_rates(import_id: int) -> None:
    """Find out what each line of a file means for the package.

    Killed half way it begins anew: what was kept is forgotten first, and nobody reads it before the
    end.
    """
    with transaction():
        wanted = pricing.open_comparing(import_id)
    if wanted is None:
        return
    counts: dict[str, int] = {}
    try:
        content = storage.path_of(wanted.stored_as).read_bytes()
        for rows in pricing.compared_lines(wanted, content):
            finish_reading()
            pricing.count_outcomes(rows, counts)
            with transaction():
                go_on = pricing.keep_lines(import_id, rows)
            if not go_on:
                return
    except DomainError as error:  # nothing that trying again would mend
        with transaction():
            pricing.fail_import(import_id, error.message)
        return
    with transaction():
        pricing.finish_comparing(import_id, counts)


@job
def apply_rates(import_id: int) -> None:
    """Put the compared rates into the package. Running it twice is safe: the second finds it done."""
    with transaction():
        pricing.apply_rates(import_id)
