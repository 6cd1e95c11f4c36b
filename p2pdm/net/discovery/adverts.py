"""What an announcement's TXT record says: an Advert <-> TXT items, readable in the open space, sealed in others.

The open space: `v=1`, `k=` the 32-byte identity, `n=` the name in UTF-8. A closed one: `v=1`, `s=` a random
nonce and XChaCha20-Poly1305 of identity and name, padded to one length, under a key that is a labelled hash of the
space's key; the instance's name is authenticated with it, so that it means nothing under another. Each item is at
most 255 bytes (RFC 6763, section 6.1). Whatever cannot be read is another space's, or nobody's: None.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError

from p2pdm.identity import KEY_SIZE, OPEN_SPACE, clean_name
from p2pdm.net.discovery.finder import Advert

VERSION = b"1"
MAX_NAME_BYTES = 160
"""Bytes of UTF-8 kept of a name: leaves room for nonce, key and tag in an item of 255. Sessions tell all of it."""

_LABEL = b"p2pdm discovery seal\0"
_NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_PLAIN = KEY_SIZE + MAX_NAME_BYTES
_TAG = 16


def to_txt(advert: Advert, instance: str) -> dict[str, bytes]:
    """The TXT items that announce `advert` as `instance`; sealed ones differ each time."""
    name = _cut(advert.name)
    if advert.space == OPEN_SPACE:
        return {"v": VERSION, "k": advert.identity, "n": name}
    plain = (advert.identity + name).ljust(_PLAIN, b"\0")
    nonce = os.urandom(_NONCE)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(plain, instance.encode(), nonce, _seal_key(advert.space))
    return {"v": VERSION, "s": nonce + sealed}


def from_txt(txt: Mapping[bytes, bytes | None], instance: str, space: bytes) -> tuple[bytes, str] | None:
    """The identity and the name that somebody of `space` announces as `instance`, else None."""
    if txt.get(b"v") != VERSION:
        return None
    if space == OPEN_SPACE:
        identity, name = txt.get(b"k") or b"", txt.get(b"n") or b""
    else:
        plain = _open(txt.get(b"s") or b"", instance, space)
        identity, name = plain[:KEY_SIZE], plain[KEY_SIZE:].rstrip(b"\0")
    if len(identity) != KEY_SIZE or len(name) > MAX_NAME_BYTES:
        return None
    shown = clean_name(name.decode("utf-8", "replace"))
    return (identity, shown) if shown else None


def _open(sealed: bytes, instance: str, space: bytes) -> bytes:
    if len(sealed) != _NONCE + _PLAIN + _TAG:
        return b""
    nonce, cipher = sealed[:_NONCE], sealed[_NONCE:]
    try:
        plain: bytes = crypto_aead_xchacha20poly1305_ietf_decrypt(cipher, instance.encode(), nonce, _seal_key(space))
    except CryptoError:
        return b""
    return plain


def _seal_key(space: bytes) -> bytes:
    return hashlib.sha256(_LABEL + space).digest()


def _cut(name: str) -> bytes:
    return name.encode("utf-8", "replace")[:MAX_NAME_BYTES].decode("utf-8", "ignore").encode()
