"""What two peers owe each other: entries that one has and the other lacks.

Sync is delivery. In a session, each side tells for every shared conversation the heads durably on its disk (the
first time all of them, later those that changed); whoever sees that the other lacks something pushes it. There is
no outbox and no duplicate to filter: an own message is delivered when the recipient's own heads cover it.

`exchange` decides, from what the session has said so far (`shared`); it knows no bytes of frames (that is wire),
reads stored entries through `ledger`, and says what is to be done in `events`.
"""
