"""The web server's settings: threads, because one live page would stop a single-threaded worker."""

from __future__ import annotations

from pathlib import Path

from portal.config import Settings

_settings = Settings.from_environment()
_settings.require_servable()

bind = (
    f"[{_settings.bind}]:{_settings.port}"
    if ":" in _settings.bind
    else (f"{_settings.bind}:{_settings.port}")
)
worker_class = "gthread"
workers = _settings.web_workers
# An open live page waits in a thread of its own, which is made when it is needed and costs little.
threads = _settings.web_threads + _settings.live_streams
# Each worker makes its own database connections after the fork.
preload_app = False
timeout = 60
graceful_timeout = 4
keepalive = 5
# The compatible API takes its parameters in the address.
limit_request_line = 8190
# A worker's heartbeat must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
accesslog = None
errorlog = "-"
control_socket_disable = True
