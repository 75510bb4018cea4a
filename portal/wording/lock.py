"""The second lock: what the renderer wrote is cleaned again by a library that trusts nobody.

The renderer makes only what passes here, so nothing changes; a mistake in it stays without effect.
"""

from __future__ import annotations

import re

import nh3

from portal.wording.links import SCHEMES

_TAGS = {"p", "h3", "h4", "ul", "ol", "li", "br", "a", "strong", "em", "u", "s", "span", "img"}
_PICTURE = {"src", "alt", "width", "height"}
_BLOCKS = ("p", "h3", "h4", "ul", "ol", "li", "span")
_CLASS = re.compile(r"ql-(color|font|size|align)-[a-z0-9-]{1,20}|rich-picture")
_PICTURE_PATH = r"/pictures/[0-9a-f-]{36}\.[a-z]{3,4}"
_OWN = re.compile(r"(/r/[0-9]{6})?" + _PICTURE_PATH)
_WITH_HOST = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/r/[0-9]{6})?" + _PICTURE_PATH)
_STYLES = {
    "color", "font-family", "font-size", "line-height", "margin", "padding-left", "text-align",
    "max-width", "height", "border",
}  # fmt: skip


def for_pages(html: str) -> str:
    """Classes of ours, pictures of this portal, no styles."""
    return _PAGES.clean(html)


def for_mails(html: str) -> str:
    """Harmless styles, pictures with their host, no classes."""
    return _MAILS.clean(html)


def _page_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if _CLASS.fullmatch(word)) or None
    if tag == "img" and name == "src":
        return value if _OWN.fullmatch(value) else None
    return value


def _mail_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if _WITH_HOST.fullmatch(value) else None
    return value


_PAGES = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "rel"}, "img": {*_PICTURE, "class"}}
    | {tag: {"class"} for tag in _BLOCKS},
    attribute_filter=_page_attribute,
    url_schemes=set(SCHEMES),
    link_rel=None,
)
_MAILS = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "rel"}, "img": {*_PICTURE, "style"}}
    | {tag: {"style"} for tag in _BLOCKS},
    attribute_filter=_mail_attribute,
    filter_style_properties=_STYLES,
    url_schemes=set(SCHEMES),
    link_rel=None,
)
