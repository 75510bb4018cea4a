"""Every page of both portals, opened one after the other, and what each of them is asked."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.people import Person

AXE = next(Path(__file__).parents[1].glob("vendor/axe-core-*.min.js")).read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
window.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(event.violatedDirective + " " + event.blockedURI));
"""


@dataclass(frozen=True)
class Step:
    """A page: its path, or what to click on the page before (``>selector``), or to press on it (``!selector``)."""

    name: str
    where: str


CLIENT = (
    Step("dashboard", "/dashboard"),
    Step("calls", "/calls"),
    Step("call explained", ">.price-link"),
    Step("calls: none found", "/calls?q=nobody-has-this-name"),
    Step("search", "/search?q=clinic"),
    Step("balance", "/balance"),
    Step("how an amount came about", ">#history tbody a[hx-target]"),
    Step("balance: payments", "/balance?kind=payments"),
    Step("invoices", "/balance/invoices"),
    Step("invoice", ">#papers tbody a"),
    Step("balance: automatic top-up", "/balance/top-up"),
    Step("balance: add funds", "/balance/add"),
    Step("messages", "/messages"),
    Step("messages: what to show", "!#inbox-filter summary"),
    Step("conversation", ">a.conversation"),
    Step("conversation: delete", "+/delete"),
    Step("messages: what nobody has taken", "/messages?show=unassigned"),
    Step("new message", "/messages/new"),
    Step("texts for later", "/messages/later"),
    Step("templates", "/messages/templates"),
    Step("new template", "/messages/templates/new"),
    Step("texts to many", "/messages/bulk"),
    Step("new text to many", "/messages/bulk/new"),
    Step("contacts", "/contacts"),
    Step("contact", ">tbody a.row-link"),
    Step("contact: edit", "+/edit"),
    Step("contacts: none found", "/contacts?q=nobody-has-this-name"),
    Step("contacts: deleted", "/contacts?show=deleted"),
    Step("contacts: groups", "/contacts/groups"),
    Step("contacts: duplicates", "/contacts/duplicates"),
    Step("new contact", "/contacts/new"),
    Step("import contacts", "/contacts/import"),
    Step("consent", "/messages/consent"),
    Step("automatic replies", "/messages/answers"),
    Step("faxes", "/faxes"),
    Step("faxes: one is chosen", "!.fax-row input[name=chosen]"),
    Step("fax", ">.fax-row a"),
    Step("fax: details", "+/details"),
    Step("fax: forward", "+/forward"),
    Step("fax folders", "/faxes/folders"),
    Step("faxes: none found", "/faxes?q=nobody-has-this-name"),
    Step("faxes that failed", "/faxes?folder=failed"),
    Step("drafts of faxes", "/faxes?folder=drafts"),
    Step("fax draft", ">.fax-row a"),
    Step("new fax", "/faxes/new"),
    Step("faxes by e-mail", "/faxes/e-mail"),
    Step("faxes by e-mail of a number", ">.row-link"),
    Step("fax numbers", "/faxes/numbers"),
    Step("fax number: edit", ">#fax-numbers tbody a"),
    Step("get a fax number", "/faxes/numbers/new?country=CA&region=ON"),
    Step("bring a fax number along", "/faxes/numbers/bring"),
    Step("numbers that text", "/messages/numbers"),
    Step("a number that texts", ">tbody a.row-link"),
    Step("fax settings", "/faxes/settings"),
    Step("statements", "/statements"),
    Step("usage by month", "/balance/months"),
    Step("profile", "/profile"),
    Step("notifications", "/notices"),
    Step("how to be notified", "/profile/notifications"),
    Step("2-step login", "/profile/second-step"),
    Step("team", "/profile/team"),
    Step("team: one of them", ">tbody a.row-link"),
    Step("team: invite", "/profile/team/invite"),
    Step("export my data", "/profile/export"),
)
STAFF = (
    Step("dashboard", "/"),
    Step("payments", "/payments"),
    Step("payment", ">#payments tbody a"),
    Step("payments: none found", "/payments?q=nobody-has-this-name"),
    Step("configuration: payments", "/configuration/payments"),
    Step("clients", "/clients"),
    Step("client", ">tbody a.row-link"),
    Step("client: sub-accounts", "+/sub-accounts"),
    Step("client: link a sub-account", "+/sub-accounts/link"),
    Step("client: numbers", "+/numbers"),
    Step("client: connect numbers", "+/numbers/connect"),
    Step("client: connect fax numbers", "+/numbers/connect?kind=fax"),
    Step("client: create a sub-account", "+/sub-accounts/new"),
    Step("client: transactions", "+/transactions"),
    Step("client: fees", "+/fees"),
    Step("client: new add-on", "+/add-ons/new"),
    Step("client: invoices", "+/invoices"),
    Step("client: calls", "+/calls"),
    Step("client: exposure", "+/exposure"),
    Step("client: messages", "+/messages"),
    Step("client: text limits", "+/text-limits"),
    Step("client: consent", "+/consent"),
    Step("client: faxes", "+/faxes"),
    Step("client: log", "+/log"),
    Step("client: payment", "+/payment"),
    Step("client: charge", "+/charge"),
    Step("client: log in as", "+/log-in"),
    Step("client: edit", "+/edit"),
    Step("client: close", "+/close"),
    Step("new client", "/clients/new"),
    Step("import clients", "/clients/import"),
    Step("fees: unpaid", "/fees"),
    Step("exposure", "/exposure"),
    Step("fees: next 30 days", "/fees/coming"),
    Step("fees: none found", "/fees/coming?q=nowhere-at-all"),
    Step("billing rules", "/configuration/billing"),
    Step("packages", "/packages"),
    Step("package", ">tbody a.row-link"),
    Step("package: rates", "+/rates"),
    Step("package: rates, none found", "+/rates?q=nowhere-at-all"),
    Step("package: free zones", "+/free-zones"),
    Step("package: used by", "+/users"),
    Step("package: versions", "+/versions"),
    Step("package: past calls", "+/past"),
    Step("package: copy", "+/copy"),
    Step("new package", "/packages/new"),
    Step("mail log", "/configuration/mails"),
    Step("mail log, none found", "/configuration/mails?q=nothing-like-it"),
    Step("log", "/configuration/log"),
    Step("log, none found", "/configuration/log?q=nothing-like-it"),
    Step("simulator", "/simulator?number=416+555+0142&length=1:42&direction=out"),
    Step("reports", "/reports"),
    Step("financial report", "/reports/financial"),
    Step("margin report", "/reports/margin"),
    Step("reconciliation", "/reports/reconciliation"),
    Step("global cdr", "/reports/global-cdr"),
    Step("calls of one client", "/reports/client-cdr"),
    Step("report of faxes", "/reports/faxes"),
    Step("report of messages", "/reports/messages?period=year"),
    Step("report of sub-accounts", "/reports/sub-accounts"),
    Step("report of numbers", "/reports/numbers"),
    Step("report: nothing found", "/reports/global-cdr?q=nowhere-at-all"),
    Step("files of reports", "/reports/files"),
    Step("text limits and costs", "/configuration/texts"),
    Step("call limits", "/configuration/exposure"),
    Step("attention", "/attention"),
    Step("interface and access", "/configuration/access"),
    Step("version", "/configuration/access/version"),
    Step("sip servers", "/configuration/access/servers"),
    Step("hostname", "/configuration/hostname"),
    Step("fees", "/configuration/fees"),
    Step("messages", "/configuration/messages"),
    Step("messages: welcome text", "/configuration/messages/welcome/en"),
    Step("messages: a mail", "/configuration/messages/low_balance/fr"),
    Step("display elements", "/configuration/display"),
    Step("branding", "/configuration/branding"),
    Step("branding: versions", "/configuration/branding/versions"),
    Step("search", "/search"),
    Step("search: found", "/search?q=cal"),
    Step("carrier", "/configuration/carrier"),
    Step("carrier: new callback", "/configuration/carrier/callback"),
    Step("carrier: texts to many", "/configuration/carrier/limits"),
    Step("taxes and invoices", "/configuration/tax"),
    Step("a new tax", "/configuration/tax/new"),
    Step("invoices", "/invoices"),
    Step("invoices: one", ">#papers tbody a"),
    Step("invoices: issue a month", "/invoices/issue"),
    Step("company", "/configuration/company"),
    Step("mail server", "/configuration/mail-server"),
    Step("services", "/configuration/services"),
    Step("profile", "/profile"),
    Step("2-step login", "/profile/second-step"),
    Step("team", "/configuration/team"),
    Step("team: one of them", ">tbody a.row-link"),
    Step("team: invite", "/configuration/team/invite"),
)
STRANGER = (
    Step("log in", "/login"),
    Step("forgotten password", "/forgot"),
    Step("sign up", "/signup"),
    Step("a link that is too old", "/reset/no-such-token"),
)


def walk(person: Person, steps: tuple[Step, ...]) -> Iterator[tuple[Step, Page]]:
    """Open each page in turn; ``+`` goes below the last page that was opened by a click, ``!`` presses
    something on the page that is open."""
    page = person.page
    page.add_init_script(_SHIFT)
    base = ""
    for step in steps:
        if step.where.startswith(">"):
            address = page.locator(step.where[1:]).first.get_attribute("href")
            page.goto(
                person.page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + str(address)
            )
            base = page.url.split("?")[0]
        elif step.where.startswith("!"):
            page.locator(step.where[1:]).first.click()
        elif step.where.startswith("+"):
            page.goto(base + step.where[1:])
        else:
            person.open(step.where)
        yield step, page


def problems_of(page: Page) -> list[str]:
    """What axe finds, each with the first place; of an open menu alone, for it covers what is below it."""
    # The content policy forbids added scripts; the browser's own door is not the page's.
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document.querySelector('details.pop[open]') ?? document,"
        " {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        TAGS,
    )
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:160]}"
        for one in found["violations"]
    ]


def refused_by_policy(page: Page) -> list[str]:
    """Violations of the content policy on this page."""
    return list(page.evaluate("window.refused"))


def shift_of(page: Page) -> float:
    """How far things moved while the page came."""
    return float(page.evaluate("window.shift"))


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def compressed_size(bodies: dict[str, bytes]) -> int:
    """What a first view weighs, as a proxy would send it."""
    return sum(
        len(body) if re.search(r"\.(woff2|png|jpg|webp)", url) else len(gzip.compress(body, 6))
        for url, body in bodies.items()
    )
