"""Session: an authenticated, encrypted exchange of frames with one device, over one link and a UDP lane.

Bytes, datagrams and `now` (seconds, any monotonic clock) go in; bytes, datagrams, events and a deadline come out.

    record = length 2 | Noise ciphertext of whole frames, at most 65,535 bytes

    open --Close sent or received--> closed          an orderly end
    open --the link ends-----------> closed          a truncation: `Closed.orderly` is False
    open --a wrong byte------------> closed          Close(VIOLATION) is sent, then the link ends

Nothing heard for PING_AFTER: a ping; for DEAD_AFTER: closed. A frame that must be answered and is not is pinged
after ANSWER_PING, and after ANSWER_GIVEN_UP more the peer is reported as not answering; the session lives on, for
TCP goes on trying, until it answers or DEAD_AFTER has passed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from p2pdm.wire.errors import WireError
from p2pdm.wire.frames import VIOLATION, Close, Frame, Lane, Ping, Pong, decode_all, encode, pack
from p2pdm.wire.handshake import Established
from p2pdm.wire.lane import ROOM, LaneReceiver, LaneSender
from p2pdm.wire.noise import MAX_PLAINTEXT, TAG_BYTES

PING_AFTER = 25.0
DEAD_AFTER = 75.0
ANSWER_PING = 2.0
ANSWER_GIVEN_UP = 5.0
LANE_DOUBTED = 3
"""Packets in a row that had to be repeated over TCP before the lane rests."""
LANE_REST = 60.0
"""Seconds until a lane that did not work is tried again."""


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """The peer said something."""

    frame: Frame
    quick: bool
    """It came over the lane, where it may overtake what was said before."""


@dataclass(frozen=True, slots=True)
class NotAnswering:
    """Something that must be answered was not, for ANSWER_PING + ANSWER_GIVEN_UP."""


@dataclass(frozen=True, slots=True)
class AnsweringAgain:
    """The peer was heard after NotAnswering."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The end of the session; nothing comes after it."""

    orderly: bool
    reason: int | None
    """The Close frame's reason, when the peer sent one."""
    why: str
    """A sentence for the log; empty for an orderly end."""


Event = FrameReceived | NotAnswering | AnsweringAgain | Closed


class Session:
    """One live session. Feed it, then drain `events()`, `data_to_send()` and `datagrams_to_send()`."""

    def __init__(self, established: Established, now: float, lane: LaneReceiver, lane_port: int | None) -> None:
        self.peer = established.peer
        self.instance = established.instance
        self.started = now
        self.lane_port: int | None = None
        """The peer's UDP port, once it has told it."""
        self._send = established.send
        self._receive = established.receive
        self._lane_in = lane
        self._lane_out: LaneSender | None = None
        self._lane_doubts = 0
        self._lane_rests_until = 0.0
        self._buffer = bytearray()
        self._frames_out: list[bytes] = []
        self._datagrams_out: list[bytes] = []
        self._events: deque[Event] = deque()
        self._closed = False
        self.last_heard = now
        """When the peer last said anything that verified."""
        self._pinged = False
        self._pong: Pong | None = None
        """What answers all pings so far: one for many, for nobody else may decide how much this side has to say."""
        self._ping_number = 0
        self._unanswered_since: float | None = None
        self._answer_pinged = False
        self._not_answering = False
        if lane_port is not None:
            self.send(Lane(lane.index, lane.key, lane_port), now)
        self.receive_data(established.rest, now)

    # --- receiving ---

    def receive_data(self, data: bytes, now: float) -> None:
        """Take bytes from the link."""
        if self._closed:
            return
        self._buffer += data
        try:
            while (record := self._take_record()) is not None:
                plaintext = self._receive.decrypt_with_ad(b"", record)
                self._heard(now)
                self._take_frames(plaintext, now, quick=False)
        except WireError as error:
            self._violated(str(error))

    def receive_datagram(self, packet: bytes, now: float) -> None:
        """Take a packet that bears this session's lane index. What does not verify is not noticed."""
        if self._closed:
            return
        plaintext = self._lane_in.open(packet)
        if plaintext is None:
            return
        self._heard(now)
        self._lane_doubts = 0
        try:
            self._take_frames(plaintext, now, quick=True)
        except WireError as error:
            self._violated(str(error))

    def receive_end(self) -> None:
        """The link ended. Without a Close before, that is a truncation."""
        self._end(Closed(orderly=False, reason=None, why="the connection broke"))

    def _take_record(self) -> bytes | None:
        if self._closed or len(self._buffer) < 2:
            return None
        size = int.from_bytes(self._buffer[:2], "big")
        if size < TAG_BYTES:
            raise WireError("a record is shorter than its tag")
        if len(self._buffer) < 2 + size:
            return None
        record = bytes(self._buffer[2 : 2 + size])
        del self._buffer[: 2 + size]
        return record

    def _take_frames(self, plaintext: bytes, now: float, *, quick: bool) -> None:
        for frame in decode_all(plaintext):
            match frame:
                case Ping(number):
                    self._pong = Pong(number)
                case Pong():
                    pass
                case Lane(index, key, port):
                    self._open_lane(index, key, port)
                case Close(reason):
                    self._end(Closed(orderly=True, reason=reason, why=""))
                    return
                case _:
                    self._events.append(FrameReceived(frame, quick))

    def _open_lane(self, index: int, key: bytes, port: int) -> None:
        if self._lane_out is not None:
            raise WireError("a lane was opened twice")  # its packets' numbers would begin again under the same key
        self._lane_out = LaneSender(index, key)
        self.lane_port = port

    def _heard(self, now: float) -> None:
        self.last_heard = now
        self._pinged = False
        self._unanswered_since = None
        if self._not_answering:
            self._not_answering = False
            self._events.append(AnsweringAgain())

    # --- sending ---

    def send(self, frame: Frame, now: float, *, answered: bool = False) -> None:
        """Queue a frame for the link; `answered`: the peer must answer it, and is pinged if it does not."""
        if self._closed:
            return
        self._frames_out.append(encode(frame))
        if answered:
            self._await_answer(now)

    def send_quick(self, frame: Frame, now: float, *, answered: bool = False) -> bool:
        """Send over the lane if it is open, trusted and the frame fits a packet, else over the link.

        True when it went over the lane, where it may be lost: the caller repeats it with `send` if it matters.
        """
        if self._closed:
            return False
        data = encode(frame)
        packet = None
        if self._lane_out is not None and len(data) <= ROOM and now >= self._lane_rests_until:
            packet = self._lane_out.seal(data)
        if packet is None:
            self._frames_out.append(data)
        else:
            self._datagrams_out.append(packet)
        if answered:
            self._await_answer(now)
        return packet is not None

    def doubt_lane(self, now: float) -> None:
        """A packet had to be repeated: after some in a row, the lane rests a while."""
        self._lane_doubts += 1
        if self._lane_doubts >= LANE_DOUBTED:
            self._lane_doubts = 0
            self._lane_rests_until = now + LANE_REST

    def close(self, reason: int) -> None:
        """Queue an orderly end; send what `data_to_send` gives, then close the link."""
        if not self._closed:
            self._frames_out.append(encode(Close(reason)))
            self._end(Closed(orderly=True, reason=None, why=""))

    def data_to_send(self) -> bytes:
        """Records for the link; empties itself."""
        if self._pong is not None and not self._closed:
            self._frames_out.append(encode(self._pong))
            self._pong = None
        if not self._frames_out:
            return b""
        frames, self._frames_out = self._frames_out, []
        out = []
        for payload in pack(frames, MAX_PLAINTEXT):
            record = self._send.encrypt_with_ad(b"", payload)
            out.append(len(record).to_bytes(2, "big") + record)
        return b"".join(out)

    def datagrams_to_send(self) -> list[bytes]:
        """Packets for the peer's UDP port; empties itself."""
        out, self._datagrams_out = self._datagrams_out, []
        return out

    def _await_answer(self, now: float) -> None:
        if self._unanswered_since is None:
            self._unanswered_since = now
            self._answer_pinged = False

    # --- events and time ---

    @property
    def closed(self) -> bool:
        """Whether the session has ended, from either side."""
        return self._closed

    @property
    def waits_for_answer(self) -> bool:
        """Whether something was sent that must be answered, and is not yet."""
        return self._unanswered_since is not None

    @property
    def answering(self) -> bool:
        """False from NotAnswering until the peer is heard again."""
        return not self._not_answering and not self._closed

    def events(self) -> list[Event]:
        """What has happened; empties itself."""
        out = list(self._events)
        self._events.clear()
        return out

    @property
    def deadline(self) -> float | None:
        """When to call `tick` at the latest."""
        if self._closed:
            return None
        due = self.last_heard + (DEAD_AFTER if self._pinged else PING_AFTER)
        if self._unanswered_since is not None and not self._not_answering:
            wait = ANSWER_PING + ANSWER_GIVEN_UP if self._answer_pinged else ANSWER_PING
            due = min(due, self._unanswered_since + wait)
        return due

    def tick(self, now: float) -> None:
        """Do what is due."""
        if self._closed:
            return
        if now >= self.last_heard + DEAD_AFTER:  # as in `deadline`: a difference can be rounded below it
            self._end(Closed(orderly=False, reason=None, why="nothing was heard for a long time"))
        elif now >= self.last_heard + PING_AFTER and not self._pinged:
            self._pinged = True
            self._ping(now)
        self._tick_answer(now)

    def _tick_answer(self, now: float) -> None:
        if self._unanswered_since is None or self._not_answering or self._closed:
            return
        if now >= self._unanswered_since + ANSWER_PING and not self._answer_pinged:
            self._answer_pinged = True
            self._ping(now)
        if now >= self._unanswered_since + (ANSWER_PING + ANSWER_GIVEN_UP):
            self._not_answering = True
            self._events.append(NotAnswering())

    def ping(self, now: float) -> None:
        """Ask for a sign of life now; NotAnswering follows if none comes."""
        self._ping(now)
        self._await_answer(now)

    def _ping(self, now: float) -> None:
        self._ping_number += 1
        self.send(Ping(self._ping_number), now)

    def _violated(self, why: str) -> None:
        if not self._closed:
            self._frames_out.append(encode(Close(VIOLATION)))
            self._end(Closed(orderly=False, reason=None, why=why))

    def _end(self, event: Closed) -> None:
        if not self._closed:
            self._closed = True
            self._events.append(event)
