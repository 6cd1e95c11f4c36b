"""The window: a client of the node's API, and of nothing else of p2pdm.

`window` puts everything together. One controller stands for each concern, one model for each list (`rows`), all on top
of `connection`, the door to the node. Controllers know no QML; QML (in qml/) is handed the controllers it needs and
knows nothing of the API. What is shown is computed by plain functions of API values.

    start         from nothing to a running node          lock          the lock of its door
    account       one's own profile, and the node         oneself       what one says of oneself
    idle          whether anybody sits here               looks         light or dark, and how big
    roster        who there is, and the list at the left  sidebar       its rows
    finder        messages found above it                 narrowing     lists, by what is typed above them
    company       groups and rooms as the node has them   rooms         entering and opening them
    new_group     one that is about to be made            picker        choosing people
    conversation  the open chat                           partner       whom it is with
    history       its messages, kept in step              timeline      the stretch of them that is loaded
    messages      as rows                                 lookup        single ones, by id
    writing       what is being typed                     drafts        what is typed and not sent
    forwarder     passing a message on                    care          what is done with a chat as a whole
    circle        the open group or room                  members       who is in it, as rows
    card          one person, looked at closely           reach         how far a message came with each member
    faces         pictures of people, shown               handing       pictures that the node is to take
    portrait      made small                              typing_teller says that the user types
    typists       who types                               refresh       asks again when something changed

In words: `durations`, `emoji`, `markup`, `presence`, `quotes`, `reactions`, `times`.
"""
