"""Calls as a file's lines, a column at a time: what was spelled once is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.core.memory import Memory
from portal.core.money import Money
from portal.reports.reading import PlainCalls
from portal.reports.spelling import Csv
from portal.reports.table import Kind, margin_e4
from portal.reports.words import direction_words, result_words


class CallLines:
    """Makes the lines; in the language of the moment it is made. ``own`` is what a client sees."""

    def __init__(self, spelling: Csv, *, own: bool = False, prices: bool = True) -> None:
        directions, results = direction_words(), result_words()
        self._spelling, self._own, self._prices = spelling, own, prices
        self._text: Memory[str, str] = Memory(lambda text: spelling.cell(text, Kind.TEXT))
        self._directions, self._results = directions, results
        self._names: Mapping[int | None, str] = {}
        self._begins: Memory[tuple[Any, ...], str] = Memory(self._begin)
        self._ends: Memory[tuple[Any, ...], str] = Memory(self._end)

    def __call__(self, chunk: PlainCalls) -> str:
        """One chunk of rows. Cells that hang together are looked up together."""
        (
            _, whens, clients, accounts, directions, callers, destinations, *ends,
        ) = zip(*chunk.rows, strict=True)  # fmt: skip
        self._names = chunk.names
        text = self._text.__getitem__
        return self._spelling.lines(
            (
                self._spelling.moments(whens),
                map(self._begins.__getitem__, zip(clients, accounts, directions, strict=True)),
                map(text, callers),
                map(text, destinations),
                map(self._ends.__getitem__, zip(*ends, strict=True)),
            )
        )

    def _begin(self, key: tuple[int | None, str, str]) -> str:
        client, account, direction = key
        way = (self._directions.get(direction, direction), Kind.TEXT)
        if self._own:
            return self._joined(way)
        return self._joined((self._names[client], Kind.TEXT), (account, Kind.TEXT), way)

    def _end(self, key: tuple[str, int, int, int, int | None]) -> str:
        result, seconds, billed, cost, price = key
        put = self._own_figures if self._own else self._all_figures
        word = self._spelling.cell(self._results.get(result, result), Kind.TEXT)
        return word + self._spelling.between + put(seconds, billed, cost, price)

    def _all_figures(self, seconds: int, billed: int, cost: int, price: int | None) -> str:
        spent, earned = Money(cost), None if price is None else Money(price)
        return self._joined(
            (seconds, Kind.SECONDS), (billed, Kind.SECONDS), (spent, Kind.PRICE),
            (earned, Kind.PRICE), (None if earned is None else earned - spent, Kind.PRICE),
            (None if earned is None else margin_e4(earned, spent), Kind.SHARE),
        )  # fmt: skip

    def _own_figures(self, seconds: int, billed: int, _: int, price: int | None) -> str:
        cells: list[tuple[Any, Kind]] = [(seconds, Kind.SECONDS), (billed, Kind.SECONDS)]
        if self._prices:
            cells.append((None if price is None else Money(price), Kind.PRICE))
        return self._joined(*cells)

    def _joined(self, *cells: tuple[Any, Kind]) -> str:
        spelling = self._spelling
        return spelling.between.join(spelling.cell(value, kind) for value, kind in cells)
