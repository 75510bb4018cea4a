"""On SQLite nobody who writes without pause keeps the others out."""

from __future__ import annotations

import threading
import time
from itertools import count
from statistics import median

from flask import Flask

from portal import identity
from portal.core.db import transaction
from portal.core.scope import Scope, bind, unscoped
from portal.pricing import PackageDetails, save_package


def test_somebody_who_waits_writes_next_whatever_the_hurry_of_others(app: Flask) -> None:
    with unscoped("a test builds"), transaction():
        northwind = Scope(identity.add_reseller(name="Northwind", uid="100482").id)
    batches, begun, stop = count(), threading.Event(), threading.Event()
    written = 0

    def write_without_pause() -> None:
        nonlocal written
        with app.app_context(), bind(northwind):
            while not stop.is_set():
                with transaction():
                    begun.set()
                    time.sleep(0.15)  # a batch of an import
                written = next(batches)

    hurried = threading.Thread(target=write_without_pause)
    hurried.start()
    begun.wait(10)
    try:
        waited = []
        for number in range(5):
            before = written
            with bind(northwind), transaction():
                save_package(PackageDetails(name=f"Package {number}"))
            waited.append(written - before)
    finally:
        stop.set()
        hurried.join()

    # A busy machine may begin to wait late, but not most times.
    assert median(waited) <= 2, waited
