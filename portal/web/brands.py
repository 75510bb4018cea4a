"""A reseller's look as pages show it: addresses of pictures instead of their ids."""

from __future__ import annotations

from dataclasses import dataclass

from portal.branding import Look, Purpose


@dataclass(frozen=True, slots=True)
class Brand:
    """How this portal is called, and its pictures (empty where there is none).

    ``mark_url`` is a square sign. Where a picture is the name itself the title is not set in type.
    """

    title: str
    mark_url: str = ""
    header_url: str = ""
    header_is_name: bool = False
    logo_url: str = ""
    login_art_url: str = ""
    login_logo_url: str = ""
    login_logo_is_name: bool = False
    claim: str = ""
    claim_text: str = ""


def brand_of(look: Look, portal: str, *, otherwise: str = "") -> Brand:
    """The look with addresses below ``portal``; ``otherwise`` is the title of a look without one."""
    found = look.pictures
    urls = {place: portal + picture.path for place, picture in found.items()}
    signs = [
        urls[place]
        for place in (Purpose.HEADER, Purpose.LOGIN_LOGO)
        if place in found and not found[place].is_name
    ]
    header, login = found.get(Purpose.HEADER), found.get(Purpose.LOGIN_LOGO)
    return Brand(
        look.title or otherwise,
        mark_url=signs[0] if signs else "",
        header_url=urls.get(Purpose.HEADER, ""),
        header_is_name=header is not None and header.is_name,
        logo_url=urls.get(Purpose.MENU_LOGO, ""),
        login_art_url=urls.get(Purpose.LOGIN_ART, ""),
        login_logo_url=urls.get(Purpose.LOGIN_LOGO, ""),
        login_logo_is_name=login is not None and login.is_name,
        claim=look.claim,
        claim_text=look.claim_text,
    )
