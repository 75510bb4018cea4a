"""What the carrier does by itself: one thread that looks at the clock several times a second."""

from __future__ import annotations

import threading
import traceback

from sandbox import callbacks, faxes, fees, texts
from sandbox.traffic import live
from sandbox.world import World

BEAT_SECONDS = 0.25


class Clockwork:
    """Traffic, delivery statuses, replies, faxes, monthly fees and callbacks, in this order, on every beat."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._beat = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._traffic, name="traffic", daemon=True).start()
        threading.Thread(target=self._deliveries, name="deliveries", daemon=True).start()

    def tick(self) -> None:
        """One beat, now."""
        with self._beat:
            self._happen()
        callbacks.deliver_due(self.world)

    def _happen(self) -> None:
        live.step(self.world)
        texts.settle(self.world)
        for text in self.world.take_due():
            texts.arrive(self.world, **text)
        faxes.settle(self.world)
        if not self.world.paused:
            fees.settle(self.world)

    def _traffic(self) -> None:
        while True:
            try:
                with self._beat:
                    self._happen()
            except Exception:
                traceback.print_exc()  # a carrier that stumbles goes on
            threading.Event().wait(BEAT_SECONDS)

    def _deliveries(self) -> None:
        # A thread of its own: a slow receiver must not slow the traffic.
        while True:
            self.world.wake.wait(BEAT_SECONDS)
            self.world.wake.clear()
            try:
                callbacks.deliver_due(self.world)
            except Exception:
                traceback.print_exc()
