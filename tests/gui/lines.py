"""What the window's lists are tried with: messages, a day, and Qt's own model tester."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester

from p2pdm.api.types import Message, MessageState

NOW = date(2026, 3, 4)


def watched(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """A tester that ends the test at the first broken promise."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def said(
    id: str, text: str = "", time: str = "2026-03-02T09:00:00.000Z", sender: str = "bob", **more: object
) -> Message:
    """A message; Bob's unless it says otherwise."""
    state: MessageState = more.pop("state", "delivered")  # type: ignore[assignment]
    mine = sender == "me"
    name = "Me" if mine else sender.capitalize()
    return Message(
        id, "c", sender, name, time, text or id, state, str(more.pop("why", "")), mine, bool(more.pop("unread", False))
    )
