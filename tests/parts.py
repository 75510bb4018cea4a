"""What is in a page, read at a third of a soup's price: for tests that open hundreds of them."""

from __future__ import annotations

from html.parser import HTMLParser


class Parts(HTMLParser):
    """The attributes of each element, its texts, and apart from them those of choices."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[dict[str, str | None]] = []
        self.texts: list[str] = []
        self.choices: list[str] = []
        self._in_choice = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append(dict(attributes))
        self._in_choice = tag == "option"

    def handle_endtag(self, tag: str) -> None:
        self._in_choice = self._in_choice and tag != "option"

    def handle_data(self, data: str) -> None:
        (self.choices if self._in_choice else self.texts).append(data)
