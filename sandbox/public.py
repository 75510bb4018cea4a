"""What the carrier serves to everybody: the files of messages, without a login."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from sandbox import media

public = Blueprint("public", __name__)


@public.get(f"{media.PATH}/<token>/<name>")
def file(token: str, name: str) -> Response:
    """The file; 404 while it is not there yet, 410 when it is not kept any longer."""
    row, state = media.found(current_app.extensions["world"], token)
    if row is None or state == "early" or row["name"] != name:
        return Response("Not Found", 404, mimetype="text/plain")
    if state == "over":
        return Response("Gone", 410, mimetype="text/plain")
    return Response(row["body"], mimetype=row["mime"])
