"""Calls as a file's lines, a column at a time: what was spelled once is looked up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.core.memory import Memory
from portal.core.money import Money
from portal.reports.reading import PlainCalls
from portal.reports.spelling import Spelling
from portal.reports.table import Kind, margin_e4
from portal.reports.words import direction_words, result_words


class CallLines:
    """Makes the lines; in the language of the moment it is made. ``own`` is what a client sees."""

    def __init__(self, spelling: Spelling, *, own: bool = False, prices: bool = True) -> None:
        directions, results = direction_words(), result_words()
        self._spelling, self._own, self._prices = spelling, own, prices
        self._text: Memory[str, str] = Memory(lambda text: spelling.cell(text, Kind.TEXT))
        self._direction: Memory[str, str] = Memory(
            lambda word: spelling.cell(directions.get(word, word), Kind.TEXT)
        )
        self._result: Memory[str, str] = Memory(
            lambda word: spelling.cell(results.get(word, word), Kind.TEXT)
        )
        self._figures: Memory[tuple[Any, ...], str] = Memory(
            self._own_figures if own else self._all_figures
        )

    def __call__(self, chunk: PlainCalls) -> str:
        """One chunk of rows."""
        (
            _, whens, clients, accounts, directions, callers, destinations, results, *figures,
        ) = zip(*chunk.rows, strict=True)  # fmt: skip
        text = self._text.__getitem__
        moments = self._spelling.moments(whens)
        ways = map(self._direction.__getitem__, directions)
        ends = (
            map(text, callers), map(text, destinations), map(self._result.__getitem__, results),
            map(self._figures.__getitem__, zip(*figures, strict=True)),
        )  # fmt: skip
        if self._own:
            return self._spelling.lines((moments, ways, *ends))
        names = {key: self._spelling.cell(name, Kind.TEXT) for key, name in chunk.names.items()}
        whose: Iterable[str] = map(names.__getitem__, clients)
        return self._spelling.lines((moments, whose, map(text, accounts), ways, *ends))

    def _all_figures(self, key: tuple[int, int, int, int | None]) -> str:
        seconds, billed, cost, price = key
        spent, earned = Money(cost), None if price is None else Money(price)
        return self._joined(
            (seconds, Kind.SECONDS), (billed, Kind.SECONDS), (spent, Kind.PRICE),
            (earned, Kind.PRICE), (None if earned is None else earned - spent, Kind.PRICE),
            (None if earned is None else margin_e4(earned, spent), Kind.SHARE),
        )  # fmt: skip

    def _own_figures(self, key: tuple[int, int, int, int | None]) -> str:
        seconds, billed, _, price = key
        cells: list[tuple[Any, Kind]] = [(seconds, Kind.SECONDS), (billed, Kind.SECONDS)]
        if self._prices:
            cells.append((None if price is None else Money(price), Kind.PRICE))
        return self._joined(*cells)

    def _joined(self, *cells: tuple[Any, Kind]) -> str:
        spelling = self._spelling
        return spelling.between.join(spelling.cell(value, kind) for value, kind in cells)
