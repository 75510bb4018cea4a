"""Start a sandbox carrier: `python -m sandbox --data DIR`; one JSON line tells where it listens."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from sandbox.app import create_app
from sandbox.world import Options


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder for the carrier's state")
    parser.add_argument("--host", default="127.0.0.1", help="loopback only, unless you know better")
    parser.add_argument("--port", default=0, type=int, help="0 takes a free one")
    parser.add_argument("--ready-file", type=Path, help="write the urls here as JSON when ready")
    parser.add_argument(
        "--seed-file", type=Path, help="JSON as for POST /control/seed, first start only"
    )
    parser.add_argument("--seed", default=1, type=int, help="same seed, same people and numbers")
    parser.add_argument("--speed", default=1.0, type=float, help="1 to 1000 times the traffic")
    parser.add_argument("--no-traffic", action="store_true", help="only what is asked for happens")
    parser.add_argument("--history-days", default=90, type=int, help="calls before the first start")
    parser.add_argument("--limit-per-minute", default=0, type=int, help="API calls; 0 is no limit")
    parser.add_argument(
        "--messages-per-day", default=0, type=int, help="sent by API; 0 is no limit"
    )
    parser.add_argument("--retry-seconds", default=1800.0, type=float, help="between callbacks")
    parser.add_argument(
        "--delivery-seconds", default=3.0, type=float, help="until a text is delivered"
    )
    parser.add_argument(
        "--sms-wait-seconds", default=0, type=int, help="between two setSMS of a number"
    )
    parser.add_argument(
        "--quirks", default=1.0, type=float, help="0 switches odd rows off in traffic"
    )
    parser.add_argument("--fax-speed", default=1.0, type=float, help="times faster than life")
    parser.add_argument("--threads", default=24, type=int, help="requests at the same time")
    return parser.parse_args(words)


def options(chosen: argparse.Namespace) -> Options:
    return Options(
        speed=chosen.speed, traffic=not chosen.no_traffic, history_days=chosen.history_days,
        seed=chosen.seed, limit_per_minute=chosen.limit_per_minute,
        messages_per_day=chosen.messages_per_day, retry_seconds=chosen.retry_seconds,
        delivery_seconds=chosen.delivery_seconds, sms_wait_seconds=chosen.sms_wait_seconds,
        quirks=chosen.quirks, fax_speed=chosen.fax_speed,
    )  # fmt: skip


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with one process of threads; the application is made inside that process."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": f"{self.chosen.host}:{self.chosen.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": self.chosen.threads,
            "timeout": 0,
            "graceful_timeout": 2,
            "keepalive": 5,
            "limit_request_line": 0,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self.ready,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(
            self.chosen.data, options=options(self.chosen), seed_file=self.chosen.seed_file
        )

    def ready(self, worker: Any) -> None:
        """Tell where the carrier listens, once it can answer."""
        host, port = worker.sockets[0].getsockname()[:2]
        base = f"http://{host}:{port}"
        urls = {
            "url": base, "rest_url": f"{base}/api/v1/rest.php", "control_url": f"{base}/control/",
            "port": port, "pid": os.getppid(),
        }  # fmt: skip
        self.wsgi().extensions["world"].base_url = base
        text = json.dumps(urls)
        if self.chosen.ready_file:
            draft = self.chosen.ready_file.with_suffix(".part")
            draft.write_text(text + "\n", encoding="utf-8")
            draft.replace(self.chosen.ready_file)
        print(text, flush=True)


def main() -> None:
    Server(arguments(sys.argv[1:])).run()


if __name__ == "__main__":
    main()
