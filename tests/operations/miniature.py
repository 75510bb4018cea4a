"""An installation in miniature, run as a process: the real supervisor over parts that a test names.

``python -m tests.operations.miniature FOLDER PART…`` where a part is ``name=python code``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from portal.supervisor import run_file
from portal.supervisor.output import Output
from portal.supervisor.parts import Part, inherited_environment
from portal.supervisor.run import StartFailed, Supervisor


def main() -> None:
    """Run the parts on the command line until told to stop."""
    folder = Path(sys.argv[1])
    chosen = []
    for word in sys.argv[2:]:
        name, _, code = word.partition("=")
        chosen.append(
            Part(
                name.strip("!^"),
                (sys.executable, "-c", code),
                once=name.startswith("!"),
                needed_by_others=name.startswith("^"),
            )
        )
    supervisor = Supervisor(
        chosen,
        output=Output(folder / "log", human=False),
        environment=inherited_environment(),
        tell=lambda parts: run_file.write(folder, {"parts": parts}),
        directory=folder,
        settle_seconds=float(os.environ.get("SETTLE_SECONDS", "0")),
    )
    try:
        with run_file.only_supervisor(folder):
            supervisor.run(when_ready=(folder / "ready").touch)
    except StartFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
