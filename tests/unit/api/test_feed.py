"""What a connection is told: every durable notice once and in order, whatever else happens."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.api.feed import CHUNK, PASSING_HELD, Feed, notice_line
from p2pdm.api.jsonrpc import Request, decode
from p2pdm.api.types import Notice


class Log:
    """A NoticeLog of `message` notices."""

    def __init__(self, count: int = 0) -> None:
        self.notices: list[Notice] = []
        for _ in range(count):
            self.add()

    def add(self) -> Notice:
        notice = Notice(cursor=len(self.notices) + 1, event="message")
        self.notices.append(notice)
        return notice

    def since(self, cursor: int, limit: int) -> list[Notice]:
        return self.notices[cursor : cursor + limit]

    def cursor(self) -> int:
        return len(self.notices)


class Told:
    """What was written, and a Feed that writes it."""

    def __init__(self, log: Log, since: int | None) -> None:
        self.log = log
        self.cursors: list[int] = []
        self.passing: list[str] = []
        self.feed = Feed(log, self._write, since)

    def _write(self, lines: bytes) -> None:
        for line in lines.splitlines():
            read = decode(line)
            assert isinstance(read, Request)
            notice = msgspec.json.decode(read.params, type=Notice)
            if notice.event == "message":
                self.cursors.append(notice.cursor)
            else:
                self.passing.append(notice.person)

    def happens(self) -> None:
        notice = self.log.add()
        self.feed.offer(notice, notice_line(notice), durable=True)

    def types(self, person: str) -> None:
        notice = Notice(cursor=self.log.cursor(), event="typing", person=person, on=True)
        self.feed.offer(notice, notice_line(notice), durable=False)

    def catch_up(self) -> None:
        while self.feed.behind:
            self.feed.pump()


def test_without_since_only_what_happens_from_now_on() -> None:
    told = Told(Log(3), None)
    assert not told.feed.behind
    told.happens()
    assert told.cursors == [4]


def test_a_backlog_comes_in_chunks_then_what_is_new() -> None:
    told = Told(Log(CHUNK * 2 + 5), 3)
    told.feed.pump()
    assert len(told.cursors) == CHUNK
    told.happens()
    told.catch_up()
    told.happens()
    assert told.cursors == list(range(4, CHUNK * 2 + 8))


def test_a_client_that_does_not_read_costs_nothing_and_misses_nothing() -> None:
    told = Told(Log(), None)
    told.feed.fall_behind()
    for _ in range(1_000):
        told.happens()
    assert told.cursors == []
    told.catch_up()
    assert told.cursors == list(range(1, 1_001))


def test_what_passes_by_is_kept_only_in_its_last_form() -> None:
    told = Told(Log(1), 0)
    for _ in range(3):
        told.types("robin")
    told.types("ben")
    told.catch_up()
    assert told.passing == ["robin", "ben"]


def test_what_passes_by_is_bounded() -> None:
    told = Told(Log(1), 0)
    for number in range(PASSING_HELD + 10):
        told.types(str(number))
    told.catch_up()
    assert len(told.passing) == PASSING_HELD
    assert told.passing[-1] == str(PASSING_HELD + 9)


def test_a_cursor_from_the_future_is_now() -> None:
    told = Told(Log(3), 1_000)
    told.happens()
    assert told.cursors == [4]


@given(
    st.integers(0, 5),
    st.none() | st.integers(-1, 7),
    st.lists(st.sampled_from(["happens", "logged first", "stops reading", "pump", "types"]), max_size=40),
)
def test_every_durable_notice_is_told_once_and_in_order(before: int, since: int | None, story: list[str]) -> None:
    log = Log(before)
    told = Told(log, since)
    start = before if since is None else min(max(since, 0), before)
    for step in story:
        if step == "happens":
            told.happens()
        elif step == "logged first":  # the log is read between the commit and the telling
            notice = log.add()
            if told.feed.behind:
                told.feed.pump()
            told.feed.offer(notice, notice_line(notice), durable=True)
        elif step == "stops reading":
            told.feed.fall_behind()
        elif step == "types":
            told.types("robin")
        elif told.feed.behind:
            told.feed.pump()
    told.catch_up()
    assert told.cursors == list(range(start + 1, log.cursor() + 1))
