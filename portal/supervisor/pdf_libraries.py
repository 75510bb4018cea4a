"""Are the libraries and fonts there that PDF reports need? Exits with 1 and says so if not."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys

_NEEDED = {
    "gobject-2.0": 0,
    "pango-1.0": 0,
    "pangoft2-1.0": 0,
    "harfbuzz": 0,
    "harfbuzz-subset": 0,
    "fontconfig": 1,
}
_FC_SET_SYSTEM = 0


def missing() -> list[str]:
    """The names of what is missing; without a font the layout library would crash, so look first."""
    lacking = [name for name in _NEEDED if _load(name) is None]
    if not lacking and _fonts() == 0:
        lacking.append("a font")
    return lacking


def _load(name: str) -> ctypes.CDLL | None:
    found = f"lib{name}.so.{_NEEDED[name]}" if sys.platform == "linux" else None
    try:
        return ctypes.CDLL(found or ctypes.util.find_library(name) or name)
    except OSError:
        return None


def _fonts() -> int:
    library = _load("fontconfig")
    if library is None:
        return 0
    library.FcInitLoadConfigAndFonts.restype = ctypes.c_void_p
    library.FcConfigGetFonts.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.FcConfigGetFonts.restype = ctypes.POINTER(ctypes.c_int)
    fonts = library.FcConfigGetFonts(library.FcInitLoadConfigAndFonts(), _FC_SET_SYSTEM)
    return int(fonts[0]) if fonts else 0


if __name__ == "__main__":
    lacking = missing()
    if lacking:
        sys.exit(f"PDF reports need: {', '.join(lacking)}")
