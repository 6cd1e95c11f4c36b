"""The only place where rooms meet: one profile's running node.

`node` is the composition root; `door`, what NodeApi's calls do; `run` starts one on real sockets and a real profile.

    myself      this profile's keys, device and record        commits     writes in groups, then says so
    gate        links -> handshakes -> sessions               sessions    who is connected; which link stays
    peer        drives one session and one exchange           reception   what peers say -> the services below
    dialer      whom to dial, and when (pure)                 dialing     does it; lookout: for own other devices
    roster      people: WHO, relations, presence              requests    strangers, and what the user decides
    circles     what each conversation is, and who is in it   sharing     which are synchronised with which peer
    ledger      what one peer may get of the entries          receipts    their word on what they have, and ours
    talk        own entries                                   saying      checks what the user wants to say
    groups      operations on membership, consequences        rooms       entering, leaving, which there are
    own_devices memos between the devices of one identity     inbox       entries from peers, in turns
    admission   what is taken in of them                      filing      what was accepted is written
    orphans     what came before its parents                  batch       what one turn stored
    queues      what waits to be judged, bounded              gaps        what nobody has any more, between what is here
    room_bodies asks for words that came to a room bare       room_keeping  what stays of a room
    quota       how much of a room one device may fill        erasing     on this disk only
    expiry      what disappears by itself                     retention   what is kept for so many days only
    age         how old things are, whatever the clock says   durations   in words
    view        entries -> messages and chats                 states      how far each came, and what is in the way
    history     pages of them, in their order                 browsing    long pages and lists, in pieces
    board       notices                                       titles      what a conversation is called
    chores      indexes words, copies the log, in pauses      invitation  `p2pdm:` links
    search      finds messages over all chats             export      writes a chat into a file
    presence    how one is here, and how others say they are  pictures    people's faces
    privacy     what others may know
    rollback    notices that the profile was restored or copied
    backups     one encrypted file of the profile            restoring   a new profile from it
    diary       what goes into a bug report                   logbook     its file
    applock     a passphrase before the door                  wiping      a profile's end
    aside       slow work beside the loop                     later       work that is done by and by, and again
    guessing    what a name that nobody has may have meant

Disk first: nothing is sent, acknowledged or noticed before it is on the disk. Presence is a peer's own, in a live
session; a sighting is a hint. Two people share their conversation once each has accepted the other; until then the
writer may hand over one request, and the other's silence is the same whether they ignore, decline or block.
"""
