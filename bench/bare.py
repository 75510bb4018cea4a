"""The floor for pages: a bare Flask page with one ORM query of 50 rows and a template."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_PAGE = """<!doctype html><title>Calls</title><h1>Calls</h1><table>
{% for call in calls %}<tr><td>{{ call.account }}<td>{{ call.destination }}<td>{{ call.seconds }}<td>{{ call.price }}</tr>
{% endfor %}</table>"""


class _Base(DeclarativeBase):
    pass


class _Call(_Base):
    __tablename__ = "calls"
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    destination: Mapped[str]
    seconds: Mapped[int]
    price: Mapped[int | None]


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite://")
_db = SQLAlchemy(app, model_class=_Base, disable_autonaming=True)


@app.get("/")
def calls() -> Any:
    """Fifty calls."""
    found = _db.session.scalars(select(_Call).order_by(_Call.id.desc()).limit(50)).all()
    return render_template_string(_PAGE, calls=found)
