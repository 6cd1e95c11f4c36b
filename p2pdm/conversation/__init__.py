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
    mention   = [start, length, identity] in code points of the text that it follows in its body

All integers are big-endian. The commitment is salted, so that a short body can't be guessed from its hash
once it was purged; the chain still verifies without it. A first entry of a chain (seq 0) is `open`: it
carries the device's certificate. `lamport = 1 + max(lamport of prev and of the dependencies)`, else the
entry is refused: nobody can jump ahead. Wall time is shown, never trusted. A reader sees entries in the order
of (lamport, time, id): the same set gives the same timeline on every machine.

An entry's dependencies are the heads of others that its author had seen. A content entry in a group also names the
heads of the membership chains that they had seen: these have to be stored before it is, and raise no lamport.

    kind           body: a fallback text, then
    1 open         certificate, heads of others
    2 text         (the text is the words), the entry that is answered, if any
    3 edit         (the text is the new words), target
    4 unsend       target
    5 mark         target, name, value
    6 create       nonce 32, kind (0 group, 1 announcements), name
    7 invite       identity, floors: the content heads after which the newcomer reads
    8 join         the id of the invite
    9 leave        floors: own last content entries
    10 remove      identity, floors: their last content entries that count
    11 rank        identity, whether an admin, floors: as in remove (or none of these: then nothing of theirs counts)
    12 describe    name, value in bytes: "name" (UTF-8), "topic" (UTF-8), "picture"
    13 memo        name, the person or conversation that it is about, value: between the devices of one identity

    floor          = [device 32, seq, id 32, lamport]

2 to 5 and 13 belong to CONTENT, 6 to 12 to MEMBERSHIP; elsewhere they are refused. More elements are ignored, so that a
later version may add some. Fallbacks of 1 and 4 to 13 are empty.

The id of a conversation says what it is:

    of two people  SHA-256("p2pdm direct conversation\0" | smaller identity | larger)
    of a group     SHA-256("p2pdm group\0" | kind 1 | creator | nonce): nobody else can have made it
    of a room      SHA-256("p2pdm room\0" | name: cleaned, case folded, NFC)
    with oneself   SHA-256("p2pdm self\0" | identity)

`entries` is what can be said, `encoding` is entry <-> signed bytes (`changes`: the bodies of membership), `log` says
what may join a chain, `timeline` is what a reader sees, `membership` who belongs to a group and what of theirs counts
(by `rights`, who may do what, and `ancestry`, who knew of what), `chronicle` what of that a reader is told. What does
not live here: who lacks what (sync), where it is kept (store).
"""
