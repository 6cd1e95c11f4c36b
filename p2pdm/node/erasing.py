"""Erasing on this disk only: single messages, and whole chats. The chains stay, so nothing of it comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from p2pdm.node.board import Board
from p2pdm.node.commits import Commits, Done
from p2pdm.node.myself import Myself
from p2pdm.store.lines import StoredLine
from p2pdm.store.tables import Store


class Erasing:
    """What was erased is a line no more, whatever comes later about it."""

    def __init__(self, store: Store, commits: Commits, board: Board, myself: Myself) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself

    def erase(self, messages: Sequence[StoredLine], *, told: bool = True) -> None:
        """Erase messages, within `writing`; unless `told`, the caller tells clients."""
        self._store.lines.erase(messages)
        unread = Counter(message.conversation for message in messages if self._is_unread(message))
        for chat in dict.fromkeys(message.conversation for message in messages):
            self._store.conversations.lines_erased(chat, unread[chat])
        for message in messages if told else ():
            self._board.post("change", chat=message.conversation, id=message.entry.id, state="deleted")

    def tell_all(self, chat: bytes) -> None:
        """Tell clients that much of a chat is not there any more; within `writing`."""
        self._board.post("chat", chat=chat, state="deleted")

    def _is_unread(self, message: StoredLine) -> bool:
        stored = self._store.conversations.get(message.conversation)
        return stored is not None and message.identity != self._myself.id and message.arrival > stored.read_arrival

    def chat(self, conversation: bytes) -> Iterator[None]:
        """Erase all that was said in a chat, in pieces: the caller makes each durable before the next."""

        def last() -> None:
            self._store.keeping.set_draft(conversation, "")
            self.tell_all(conversation)

        return erase_chat(self._store, self._commits, conversation, last)


def erase_chat(
    store: Store, commits: Commits, conversation: bytes, last: Callable[[], None], done: Done | None = None
) -> Iterator[None]:
    """The same with `last` done together with the last piece of it."""
    spans = store.lines.spans(conversation)
    for span in spans:
        with commits.writing():
            store.lines.purge(span)
        yield
    finished = {span for span in spans if span.full}
    with commits.writing(done):
        for span in store.lines.spans(conversation):
            if span not in finished:  # it may hold what was said meanwhile
                store.lines.purge(span)
        store.conversations.emptied(conversation)
        store.keeping.emptied(conversation)
        last()
    yield
