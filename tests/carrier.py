"""A sandbox carrier as a process of its own, for any test that needs a carrier."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[1]
USER, PASSWORD = "reseller@northwind.test", "practice-secret"


class Carrier:
    """Starts on a free port with its own folder; `stop()` ends it and removes the folder.

    Nothing happens by itself unless `traffic=True`. `flags` are further words of the command line.
    """

    def __init__(self, *flags: str, traffic: bool = False, folder: Path | None = None) -> None:
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="carrier-"))
        self.flags = list(flags) + ([] if traffic else ["--no-traffic"])
        self._http = httpx.Client(timeout=60, trust_env=False)
        self.start()

    def start(self) -> None:
        """Start, or start again on the same folder."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        words = ["--data", str(self.folder), "--ready-file", str(ready)]
        if "--history-days" not in self.flags:
            words += ["--history-days", "0"]
        if "--delivery-seconds" not in self.flags:
            words += ["--delivery-seconds", "1"]
        if "--fax-speed" not in self.flags:
            words += ["--fax-speed", "200"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", *words, *self.flags],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 180
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the sandbox carrier did not start")
            time.sleep(0.02)
        self.urls: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
        self.url: str = self.urls["url"]
        self.rest_url: str = self.urls["rest_url"]

    def control(self, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """POST a body to `/control/<path>`, or GET it when there is none; the JSON answer."""
        address = f"{self.url}/control/{path.lstrip('/')}"
        if body is None:
            response = self._http.get(address, params=query)
        else:
            response = self._http.post(address, json=body)
        response.raise_for_status()
        return response.json()

    def post(self, path: str, **body: Any) -> Any:
        """`control()` with the body as keywords."""
        return self.control(path, body)

    def seed(self, *resellers: dict[str, Any], history_days: float = 0, **wish: Any) -> Any:
        """Plant resellers as dictionaries, or one from keywords with USER and PASSWORD filled in."""
        if not resellers:
            resellers = ({"api_username": USER, "api_password": PASSWORD, **wish},)
        return self.control("seed", {"resellers": list(resellers), "history_days": history_days})

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One method of the carrier's API over GET, as the seeded reseller."""
        values = {"api_username": USER, "api_password": PASSWORD, "method": method, **parameters}
        answer: dict[str, Any] = self._http.get(self.rest_url, params=values).json()
        return answer

    def reset(self) -> None:
        """Empty the carrier, for the next test."""
        self.control("reset", {})

    def kill(self) -> None:
        """SIGKILL to the server and its worker, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self._http.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
