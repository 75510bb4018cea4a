"""JSON lines on standard output, with who and what, and never a secret or a message's words."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from portal.core import scope as scopes
from portal.core.scope import Scope

_SECRET_NAMES = re.compile(
    r"pass(word|wd)?|secret|token|authori[sz]ation|cookie|api_key|body|message_text", re.IGNORECASE
)
_HIDDEN = "[hidden]"


def configure(level: str = "INFO", *, human: bool = False) -> None:
    """Set up structlog and the standard library's logging.

    Loggers keep the processors of the first call; level and look are of the last.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_scope,
        hide_secrets,
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    if not structlog.is_configured():
        structlog.configure(
            processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
        )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "weasyprint", "fontTools"):
        logging.getLogger(noisy).setLevel("WARNING")


def get_logger(name: str) -> Any:
    """A logger whose events are words with named values."""
    return structlog.get_logger(name)


def hide_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank every value whose name sounds like a secret or like somebody's words."""
    for name in event:
        if name != "event" and _SECRET_NAMES.search(name):
            event[name] = _HIDDEN
    return event


def _add_scope(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    bound = scopes.bound()
    if isinstance(bound, Scope):
        event.setdefault("reseller_id", bound.reseller_id)
        if bound.client_id is not None:
            event.setdefault("client_id", bound.client_id)
    return event
