"""`p2pdm-gui` where there is no window to be had: a sentence and exit code 1."""

from __future__ import annotations

import sys

import pytest

from p2pdm_gui.__main__ import NO_ANSWER, NO_DISPLAY, main


def test_without_a_display_the_terminal_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 1
    assert capsys.readouterr().err == f"p2pdm-gui: {NO_DISPLAY}\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there a display may be named that is none")
def test_a_display_that_does_not_answer_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":987")
    assert main([]) == 1
    assert capsys.readouterr().err == f"p2pdm-gui: {NO_ANSWER.format(':987')}\n"
