"""How values look on screen: money, rates, numbers, lengths and times, in the person's language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from flask import Flask, g
from flask_babel import gettext

from portal.core import clock, formats, phone
from portal.core.money import Money
from portal.web.i18n import voice

NOTHING = "–"


def register(app: Flask) -> None:
    """Give the filters to the templates under the names that the macros use."""
    for function in (
        money, price, rate, exact, percent, number, phone_number, duration, minutes, daytime, day, moment,
        month, initials,
    ):  # fmt: skip
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["phone"] = phone_number
    app.jinja_env.filters["currency_symbol"] = lambda code: formats.currency_symbol(
        code, _locale().language
    )


def currency() -> str:
    """The currency of the reseller whose page this is."""
    place = g.get("place")
    if "currency" not in g and place is not None and place.reseller is not None:
        return str(place.reseller.currency)
    return str(g.get("currency", "USD"))


def money(amount: Money | None, *, plus: bool = False) -> str:
    """The currency with its own decimals; ``plus`` marks credits in a history."""
    places = formats.decimals_of(currency())
    return _currency(amount, places, places, plus=plus)


def price(amount: Money | None, *, places: int = 4) -> str:
    """The price of one thing: four decimals in lists."""
    return _currency(amount, places, places)


def rate(rate_e8: int | None) -> str:
    """A rate per minute from 1e-8 units: four decimals, more when it has more."""
    return NOTHING if rate_e8 is None else _format(Decimal(rate_e8).scaleb(-8), 4, 8)


def exact(value: Decimal | None, *, least: int = 4) -> str:
    """An amount as it was calculated: ``least`` to ten decimals, for explanations."""
    if value is None:
        return NOTHING
    return _format(value, least, 10)


def whole(value: Decimal) -> str:
    """An amount without cents, for the axis of a chart."""
    return _format(value, 0, 0)


def share(percent_points: Decimal | None) -> str:
    """A share in per cent with one decimal: a margin, a change."""
    if percent_points is None:
        return NOTHING
    return formats.write_percent(percent_points, "#,##0.0", _locale().language)


def percent(percent_e4: int | None) -> str:
    """A percentage from 1e-4 points, without needless zeros."""
    if percent_e4 is None:
        return NOTHING
    value = Decimal(percent_e4).scaleb(-4)
    return formats.write_percent(value, "#,##0.####", _locale().language)


def number(value: int | Decimal | None, places: int = 0) -> str:
    """A count with the language's grouping."""
    if value is None:
        return NOTHING
    pattern = "#,##0" + (f".{'0' * places}" if places else "")
    return formats.write_number(value, pattern, _locale().language)


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1_000_000:
        return gettext("%(number)s kB", number=number(max(round(count / 1_000), 1)))
    return gettext("%(number)s MB", number=number(Decimal(round(count / 100_000)) / 10, 1))


def phone_number(text: str | None) -> str:
    """International with spaces; what is no number comes back as it is."""
    if not text:
        return NOTHING
    normal = phone.normalise(text)
    return phone.international(normal) if normal else text


def duration(seconds: int | None) -> str:
    """m:ss, or h:mm:ss."""
    if not seconds:
        return NOTHING
    whole, rest = divmod(seconds, 60)
    hours, whole = divmod(whole, 60)
    return f"{hours}:{whole:02}:{rest:02}" if hours else f"{whole}:{rest:02}"


def minutes(seconds: int | None) -> str:
    """Minutes with one decimal, for totals."""
    return number(Decimal(seconds or 0) / 60, 1)


def daytime(at: datetime | None, *, seconds: bool = False) -> str:
    """Today, 14:07 or Nov 20, 14:07."""
    if at is None:
        return NOTHING
    local = _local(at)
    clock_time = format_time(local, "HH:mm:ss" if seconds else "HH:mm", locale=_locale())
    return f"{day_name(local.date())}, {clock_time}"


def time_of_day(at: datetime) -> str:
    """14:07, where the day stands beside it."""
    return str(format_time(_local(at), "HH:mm", locale=_locale()))


def moment(at: datetime | None) -> str:
    """Only the time for today, otherwise only the day: for lists of conversations."""
    if at is None:
        return ""
    local = _local(at)
    if local.date() == _today():
        return format_time(local, "HH:mm", locale=_locale())
    if _today() - local.date() < timedelta(days=7):
        return format_date(local.date(), "EEE", locale=_locale())
    return day(local)


def day(value: date | datetime | None) -> str:
    """Nov 20 of this year, with the year for other years."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = _local(value).date()
    skeleton = _day_pattern(with_year=value.year != _today().year)
    return format_date(value, skeleton, locale=_locale())


def month(value: date) -> str:
    """November 2026, noviembre de 2026."""
    return str(format_skeleton("yMMMM", value, locale=_locale()))


def short_month(value: date) -> str:
    """Nov, for the axis of a chart."""
    return format_date(value, "LLL", locale=_locale())


def country(code: str) -> str:
    """A country's name in the language of the page."""
    return str(_locale().territories.get(code, code))


def initials(name: str) -> str:
    """At most two letters for an avatar; the last two digits of a number."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    if not letters:
        digits = [character for character in name if character.isdigit()]
        return "".join(digits[-2:]) or "?"
    return (letters[0] + (letters[-1] if len(letters) > 1 else "")).upper()


def _currency(amount: Money | None, least: int, most: int, *, plus: bool = False) -> str:
    if amount is None:
        return NOTHING
    text = _format(amount.decimal, least, most)
    return f"+{text}" if plus and amount.micros > 0 else text


def _format(value: Decimal, least: int, most: int) -> str:
    return formats.write_money(value, currency(), _locale().language, least=least, most=most)


def day_name(value: date) -> str:
    """Today, Yesterday, else the day."""
    if value == _today():
        return str(gettext("Today"))
    if value == _today() - timedelta(days=1):
        return str(gettext("Yesterday"))
    return day(value)


def _day_pattern(*, with_year: bool) -> str:
    if _locale().language == "en":
        return "MMM d, y" if with_year else "MMM d"
    return "d MMM y" if with_year else "d MMM"


def _today() -> date:
    return clock.now().astimezone(voice().zone).date()


def _local(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(voice().zone)


def _locale() -> Locale:
    return voice().locale
