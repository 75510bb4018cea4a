"""The report of all calls on paper."""

from __future__ import annotations

from flask_babel import gettext

from portal import calls, identity
from portal.core import clock
from portal.reports import global_cdr
from portal.reports.document import Document, paper_of
from portal.reports.values import Asked
from portal.reports.wording import Wording


def document(asked: Asked, most_rows: int) -> Document:
    """Totals, the same by client, and every call of the filter; read anew, so it is as of now."""
    chosen = global_cdr.choose({key: str(value) for key, value in asked.filters.items()})
    reseller = identity.own_reseller()
    wording = Wording(asked.language, reseller.currency, chosen.period.zone)
    columns = global_cdr.columns()
    summary = global_cdr.summarise(chosen)
    return Document(
        title=gettext("Calls of all clients"),
        subject=wording.period(chosen.period.first, chosen.period.last),
        template="global_cdr.html",
        words={
            "summary": summary,
            "chosen": _chosen_words(chosen),
            "issued_at": wording.when(clock.now()),
            "zone": str(chosen.period.zone),
            "reseller": reseller,
            "total_texts": [
                "" if value is None else wording.cell(value, column.kind)
                for value, column in zip(
                    global_cdr.total_cells(summary.totals), columns, strict=True
                )
            ],
        },
        wording=wording,
        language=asked.language,
        paper=paper_of(reseller.country),
        landscape=True,
        columns=columns,
        wanted=chosen.wanted,
        calls=calls.count_up_to(chosen.wanted, most_rows),
        cells=global_cdr.Cells(),
    )


def _chosen_words(chosen: global_cdr.Chosen) -> list[tuple[str, str]]:
    """The filter in words, so that a printed total can be understood."""
    wanted = chosen.wanted
    directions, results = global_cdr.direction_words(), global_cdr.result_words()
    states = global_cdr.state_words()
    words = [
        (gettext("Client"), chosen.client_name),
        (gettext("Direction"), directions.get(wanted.direction, "")),
        (gettext("Result"), ", ".join(results[word] for word in wanted.dispositions)),
        (gettext("Price"), ", ".join(states[word] for word in wanted.states)),
        (gettext("Name or number"), wanted.text),
    ]
    return [(label, text) for label, text in words if text]
