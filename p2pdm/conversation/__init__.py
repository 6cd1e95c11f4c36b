r"""What was said: entries, their signed bytes, the chains they form, and how a reader sees them.

An entry is a header, a signature by the author's device, and a body. Each device writes hash chains per
conversation: CONTENT, what was said, and (in groups) MEMBERSHIP, who belongs.

    entry     = header | signature (64) | [salt (16) | body]
    header    = version 1 | flags 1 | chain 1 | kind 1 | conversation 32 | device 32 | seq 8 | prev 32
                | lamport 8 | time 8 | expiry 4 | body length 2 | body commitment 32
                | number of membership heads 1 | number of dependencies 1 | heads 32 each | dependencies 32 each
    id        = SHA-256("p2pdm entry id\0" | header)
    signature = Ed25519 of "p2pdm entry\0" | header
    commitment= SHA-256("p2pdm entry body\0" | salt | body)
    body      = a MessagePack array whose first element is a plain-text fallback

All integers are big-endian. The commitment is salted, so that a short body can't be guessed from its hash
once it was purged; the chain still verifies without it. A first entry of a chain (seq 0) is `open`: it
carries the device's certificate. `lamport = 1 + max(lamport of prev and of the dependencies)`, else the
entry is refused: nobody can jump ahead. Wall time is shown, never trusted. A reader sees entries in the order
of (lamport, time, id): the same set gives the same timeline on every machine.

A direct conversation's id is SHA-256("p2pdm direct conversation\0" | smaller identity | larger).

`entries` is what can be said, `encoding` is entry <-> signed bytes, `log` says what may join a chain,
`timeline` is what a reader sees. What does not live here: who lacks what (sync), where it is kept (store).
"""
