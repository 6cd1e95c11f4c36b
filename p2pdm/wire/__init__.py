"""One connection to one peer, as pure machines: bytes and `now` go in; bytes, events and a deadline come out.

No socket, clock or randomness lives here (keys and `now` are passed in), nothing is stored here, and what
the frames say is not understood here. Whatever bytes a peer sends, the only error that comes out is a
`WireError`.

    session     frames to and from one device, over one link and a UDP lane; the door of this room
    handshake   who the other is, before the first frame
    lane        the UDP packets of a session
    frames      what is said inside, and its bytes; `picture`, of which kind a picture is
    noise       the cipher below; replay, its window for datagrams
    errors      what may be wrong with the other side's bytes

noise.py: the Noise Protocol Framework, revision 34
---------------------------------------------------

`Noise_XXpsk0_25519_ChaChaPoly_SHA256`; the psk is the key of the space, so that between spaces no
handshake succeeds. The three messages, with the bytes each adds to its payload (`OVERHEAD`):

    1  -> psk, e              32 ephemeral + 16 tag                             =  48
    2  <- e, ee, s, es        32 ephemeral + 32 static + 16 tag + 16 tag        =  96
    3  -> s, se               32 static + 16 tag + 16 tag                       =  64

A payload can sign the handshake: its writer is given the handshake hash as it stands before that payload,
its reader is told the same hash. A handshake that failed once stays failed. An all-zero result of a
Diffie-Hellman function, which only a low-order point gives, is refused. After message 3 each direction has
its own key, and its messages are numbered from zero by their order alone; number 2^64 - 1 is never used.

replay.py: the window against replayed datagrams (RFC 6479)
-----------------------------------------------------------

A datagram names its 64-bit number, since datagrams get lost and overtake each other. It is verified first;
then the window says whether its number is new: above all seen so far, or at most 8,128 below the highest
and not seen yet. Numbers from 2^64 - 2^13 - 1 on are refused: renew the keys long before.
"""
