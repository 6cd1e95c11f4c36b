"""What two peers owe each other: entries that one has and the other lacks.

Sync is delivery. In a session, each side tells for every shared conversation the heads durably on its disk (the
first time all of them, later those that changed); whoever sees that the other lacks something pushes it. There is
no outbox and no duplicate to filter: an own message is delivered when the recipient's own heads cover it.

    exchange    the door: what happened goes in, what is to be done comes out; which part answers what
    hearing     what a peer's word comes to, and how much of it is heard at once
    telling     what is here, and what is here without its body
    owed        what the peer lacks, in which order
    pushing     how much of that goes out ahead of the peer's word, and of the link
    wanting     branches and bodies that are asked for, on either side
    relaying    what somebody else wrote: held back, offered, pushed to who lacks it
    shared      what a session has said so far of one conversation
    ledger      what is read of stored entries
    events      what is to be done

It knows no bytes of frames: that is wire.
"""
