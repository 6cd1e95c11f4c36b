"""`p2pdm-gui [--profile DIR]`: opens the window."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from p2pdm.api.endpoint import default_profile


def main(arguments: list[str] | None = None) -> int:
    """Open the window and stay until it is closed."""
    parser = argparse.ArgumentParser(prog="p2pdm-gui", description="The window of p2pdm.")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="the profile's folder")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from p2pdm_gui.window import Window, make_application  # imported late: --help needs no Qt

    app = make_application(sys.argv[:1])
    window = Window(given.profile or default_profile())
    window.show()
    code = app.exec()
    window.close()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
