"""Grey to black and white, as a fax machine prints it: crisp letters, dotted photographs."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageMath, ImageOps

# What is darker becomes black where there are letters; high, so that thin grey strokes stay.
_BLACK_BELOW: Final = 168
_TILE: Final = 16
# Grey between these is neither ink nor paper.
_DARKEST, _LIGHTEST = 96, 208
# A tile with more such dots than this part (of 255) is a picture.
_PICTURE_ABOVE: Final = 110
# Its neighbours belong to it while they are darker than paper with a little print.
_SOLID_BELOW: Final = 214
_PAPER_ABOVE: Final = 232
_GROWTH: Final = 64


def black_and_white(grey: Image.Image) -> Image.Image:
    """A page of ink on white: letters are cut, photographs and shades among them dithered."""
    letters = _cut(grey)
    pictures = _where_pictures_are(grey)
    if pictures is None:
        return letters
    shaded = grey.point(lambda value: 255 if value > _PAPER_ABOVE else value)
    letters.paste(_dotted(shaded), mask=pictures)
    return letters


def photograph(grey: Image.Image) -> Image.Image:
    """A picture: dithered, unless it is the photograph of a written page."""
    even = _evenly_lit(grey)
    if _is_a_written_page(even):
        return black_and_white(even.filter(ImageFilter.UnsharpMask(2, 120, 2)))
    return _dotted(ImageOps.autocontrast(grey, cutoff=0.5))


def _cut(grey: Image.Image) -> Image.Image:
    return grey.point(lambda value: 255 if value >= _BLACK_BELOW else 0, "1")


def _dotted(grey: Image.Image) -> Image.Image:
    return grey.convert("1", dither=Image.Dither.FLOYDSTEINBERG)


def _where_pictures_are(grey: Image.Image) -> Image.Image | None:
    """A mask of the tiles that hold shades, without lonely ones, and of what is dark around them."""
    shades = grey.point(lambda value: 255 if _DARKEST <= value <= _LIGHTEST else 0)
    tiles = shades.reduce(_TILE).point(lambda value: 255 if value > _PICTURE_ABOVE else 0)
    tiles = tiles.filter(ImageFilter.MedianFilter(3))
    if not tiles.getbbox():
        return None
    solid = grey.reduce(_TILE).point(lambda value: 255 if value < _SOLID_BELOW else 0)
    for _ in range(_GROWTH):
        grown = ImageChops.darker(tiles.filter(ImageFilter.MaxFilter(3)), solid)
        tiles = ImageChops.lighter(tiles, grown)
    tiles = tiles.filter(ImageFilter.MaxFilter(3))  # its edge seldom ends with a tile
    dots = tiles.width * _TILE, tiles.height * _TILE
    mask = tiles.resize(dots, Image.Resampling.NEAREST).crop((0, 0, *grey.size))
    return mask.convert("1", dither=Image.Dither.NONE)


def _evenly_lit(grey: Image.Image) -> Image.Image:
    """Without the shadow that lies over a photographed page: paper is white everywhere."""
    small = grey.reduce(max(1, min(grey.size) // 100))
    paper = small.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(4))
    paper = ImageChops.lighter(paper.resize(grey.size, Image.Resampling.BILINEAR), grey)
    even: Image.Image = ImageMath.lambda_eval(
        lambda given: given["grey"] * 255 / given["max"](given["paper"], 1), grey=grey, paper=paper
    )
    return even.convert("L")


def _is_a_written_page(even: Image.Image) -> bool:
    """Mostly paper, a little ink, hardly anything between."""
    counts = even.histogram()
    dots = sum(counts)
    between = sum(counts[_DARKEST : _LIGHTEST + 1]) / dots
    paper = sum(counts[_LIGHTEST + 1 :]) / dots
    written = sum(counts[:_DARKEST]) / dots
    return paper > 0.7 and between < 0.2 and written > 0.001
