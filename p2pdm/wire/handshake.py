r"""The handshake of a session: two prefaces and three Noise messages of constant length yield an Established.

    preface = "p2pdm\0" | version 1 | flags 1        (flag 1: I dialled)
    dialler   -> preface, Noise message 1 (48)
    acceptor  <- preface, Noise message 2 (96 + 272)
    dialler   -> Noise message 3 (64 + 272)

The Noise prologue is "p2pdm session prologue\0" and the dialler's preface; the psk is the space's key. The
payload of messages 2 and 3 is `certificate 200 | instance 8 | signature 64`: the device's signature over
"p2pdm session\0" | role 1 | the handshake hash before this payload.

In a TCP simultaneous open both sides dialled. Both see the other's flag; then the one whose ephemeral key in
message 1 is smaller stays the initiator, and the other answers as if it had accepted.

An acceptor says nothing before message 1 has shown that the dialler knows the space's key, except its preface to
one of another version, so that both can tell their users.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from p2pdm.identity import SIGNATURE_SIZE, Certificate, IdentityError, PeerId, SigningKey, verify
from p2pdm.wire.errors import WireError
from p2pdm.wire.noise import OVERHEAD, CipherState, Handshake, KeyPair

VERSION = 1
INSTANCE_SIZE = 8
_MAGIC = b"p2pdm\0"
_DIALLED = 1
_PREFACE = 8
_PROLOGUE = b"p2pdm session prologue\0"
_LABEL = b"p2pdm session\0"
_INITIATOR, _RESPONDER = b"\1", b"\2"
_PAYLOAD = Certificate.SIZE + INSTANCE_SIZE + SIGNATURE_SIZE
_MESSAGE_1, _MESSAGE_2, _MESSAGE_3 = OVERHEAD[0], OVERHEAD[1] + _PAYLOAD, OVERHEAD[2] + _PAYLOAD


class HandshakeError(WireError):
    """The other side is not one to talk with; the message is a sentence."""


class AnotherVersion(HandshakeError):
    """The other side speaks another version of the protocol."""


class AnotherIdentity(HandshakeError):
    """Somebody else answers at this address."""


@dataclass(frozen=True, slots=True)
class Party:
    """What this side brings to each handshake."""

    certificate: Certificate
    device: SigningKey
    instance: bytes
    """8 random bytes of this start of the node."""
    space: bytes


@dataclass(frozen=True, slots=True)
class Established:
    """A finished handshake: who is there, and the keys."""

    peer: Certificate
    instance: bytes
    send: CipherState
    receive: CipherState
    rest: bytes
    """Bytes that came after the handshake already."""


class SessionHandshake:
    """One side of a handshake: bytes in, bytes out, an Established at its end; HandshakeError or NoiseError else."""

    def __init__(self, party: Party, *, dialled: bool, expected: PeerId | None, keys: Callable[[], KeyPair]) -> None:
        self._party = party
        self._initiator = dialled
        self._expected = expected
        self._keys = keys
        self._ephemeral = keys()
        self._buffer = b""
        self._out = b""
        self._preface = b"" if dialled else _preface(VERSION, 0)
        """What an acceptor has still to send before message 2."""
        self._noise = self._begin(_preface(VERSION, _DIALLED))
        self._size = _PREFACE
        self._read: Callable[[bytes], Established | None] = self._read_preface
        self._preface_seen = False
        self._over = False
        if dialled:
            self._out = _preface(VERSION, _DIALLED) + self._noise.write_message()

    def to_send(self) -> bytes:
        """What to send now, also after an error; empties itself."""
        out, self._out = self._out, b""
        return out

    def receive(self, data: bytes) -> Established | None:
        """Take bytes; the Established once it is there. After that, or an error, there is nothing more to take."""
        if self._over:
            raise HandshakeError("the handshake is over")
        self._over = True  # unless these bytes are fine
        established = self._take(data)
        self._over = established is not None
        return established

    def _take(self, data: bytes) -> Established | None:
        self._buffer += data
        while len(self._buffer) >= self._size:
            message, self._buffer = self._buffer[: self._size], self._buffer[self._size :]
            established = self._read(message)
            if established is not None:
                return established
        if not self._preface_seen and not _MAGIC.startswith(self._buffer[: len(_MAGIC)]):
            raise HandshakeError("something else than p2pdm is at this address")
        return None

    def _read_preface(self, preface: bytes) -> None:
        self._preface_seen = True
        version, flags = preface[6:]
        if not preface.startswith(_MAGIC):
            raise HandshakeError("something else than p2pdm is at this address")
        if version != VERSION:
            self._out += self._preface
            raise AnotherVersion(
                f"another version of p2pdm is there (it speaks protocol {version}, this one {VERSION}): update both"
            )
        if not self._initiator:
            if flags != _DIALLED:
                raise HandshakeError("a dialler did not say that it dialled")
            self._size, self._read = _MESSAGE_1, self._read_first
        elif flags & _DIALLED:
            self._size, self._read = _MESSAGE_1, self._settle_roles
        else:
            self._size, self._read = _MESSAGE_2, self._read_second

    def _settle_roles(self, theirs: bytes) -> None:
        """Both dialled: the smaller ephemeral key stays initiator and drops the other's message 1."""
        if theirs[:32] == self._ephemeral.public:
            raise HandshakeError("this node dialled itself")
        if self._ephemeral.public < theirs[:32]:
            self._size, self._read = _MESSAGE_2, self._read_second
            return
        self._initiator = False
        self._ephemeral = self._keys()
        self._noise = self._begin(_preface(VERSION, _DIALLED))
        self._read_first(theirs)

    def _read_first(self, message: bytes) -> None:
        self._noise.read_message(message)
        self._out += self._preface + self._noise.write_message(lambda h: self._payload(_RESPONDER, h))
        self._size, self._read = _MESSAGE_3, self._read_third

    def _read_second(self, message: bytes) -> Established:
        received = self._noise.read_message(message)
        peer, instance = self._check(received.payload, _RESPONDER, received.hash_before)
        self._out += self._noise.write_message(lambda h: self._payload(_INITIATOR, h))
        return Established(peer, instance, *self._noise.split(), self._buffer)

    def _read_third(self, message: bytes) -> Established:
        received = self._noise.read_message(message)
        peer, instance = self._check(received.payload, _INITIATOR, received.hash_before)
        return Established(peer, instance, *self._noise.split(), self._buffer)

    def _begin(self, preface: bytes) -> Handshake:
        return Handshake(
            initiator=self._initiator,
            static=self._keys(),
            ephemeral=self._ephemeral,
            prologue=_PROLOGUE + preface,
            psks=(self._party.space,),
        )

    def _payload(self, role: bytes, handshake_hash: bytes) -> bytes:
        party = self._party
        return party.certificate.encode() + party.instance + party.device.sign(_LABEL + role + handshake_hash)

    def _check(self, payload: bytes, role: bytes, handshake_hash: bytes) -> tuple[Certificate, bytes]:
        """Who is there: the certificate is valid, its device signed this handshake, and it is the expected one."""
        try:
            certificate = Certificate.decode(payload[: Certificate.SIZE])
        except IdentityError as error:
            raise HandshakeError(str(error)) from error
        instance, signature = payload[Certificate.SIZE : -SIGNATURE_SIZE], payload[-SIGNATURE_SIZE:]
        if not verify(certificate.device, signature, _LABEL + role + handshake_hash):
            raise HandshakeError("the other side did not sign this handshake")
        if self._expected is not None and certificate.identity != self._expected:
            raise AnotherIdentity("somebody else answers at this address")
        return certificate, instance


def _preface(version: int, flags: int) -> bytes:
    return _MAGIC + bytes((version, flags))
