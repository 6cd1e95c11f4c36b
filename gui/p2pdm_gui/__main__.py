"""`p2pdm-gui [--profile DIR]`: opens the window."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path

from p2pdm.api.endpoint import default_profile
from p2pdm.api.types import ApiError

NO_QT = (
    "The window needs PySide6, which is not installed here: install p2pdm[gui], or talk in the terminal: p2pdm chat WHO"
)
NO_ANSWER = "The display {} does not let p2pdm show a window; talk in the terminal: p2pdm chat WHO"
NO_DISPLAY = "There is no display to show the window on; talk in the terminal: p2pdm chat WHO"


def main(arguments: list[str] | None = None) -> int:
    """Open the window and stay until it is closed; the exit code."""
    parser = argparse.ArgumentParser(prog="p2pdm-gui", description="The window of p2pdm.")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="the profile's folder")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if not has_display():
        return refuse(NO_DISPLAY)
    if not answers():
        return refuse(NO_ANSWER.format(os.environ["DISPLAY"]))
    try:
        return show(given.profile or default_profile())
    except ApiError as error:
        return refuse(error.message)


def show(profile: Path) -> int:
    """Show the window of `profile` until it is closed."""
    try:
        from p2pdm_gui.window import Window, make_application  # imported late: --help needs no Qt
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("PySide6"):
            return refuse(NO_QT)
        raise
    app = make_application(sys.argv[:1])
    window = Window(profile)
    window.show()
    code = app.exec()
    window.close()
    return code


def has_display() -> bool:
    """Whether Qt would find a screen; without one it ends the process."""
    named = ("WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)


def answers() -> bool:
    """Whether the X server that DISPLAY names takes us; Qt would abort. True where something else decides."""
    if not sys.platform.startswith("linux") or not os.environ.get("DISPLAY"):
        return True
    if os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY"):
        return True
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    broken = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not broken


def refuse(sentence: str) -> int:
    """Say why there is no window."""
    sys.stderr.write(f"p2pdm-gui: {sentence}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
