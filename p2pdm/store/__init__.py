"""The only SQLite, the only files: what a profile's folder holds, and how it stays whole and secret.

A profile is one folder, which one process at a time owns (profile.py names its files):

    p2pdm.json      profile.py      says that this is a profile, of which format, and that it was made to the end
    lock            lock.py         locked while a node runs
    key             keys.py         where the key is: in the desktop's keyring, under a passphrase, or right here
    messages        database.py     everything that was said and is known, in an encrypted SQLite database, which
                                    connection.py opens
    messages-wal    log.py          its write-ahead log, encrypted page by page like it
    heads           highwater.py    how far our own chains had come on this machine, encrypted
    log             (the node's)    no text, no names
    copy            backup.py       while a backup is made or restored, encrypted under a key that no file holds

What always holds:

- What a commit has returned for is on the disk, and stays after kill -9 and after a power cut.
- What was half written is undone: a database stands between two transactions, a file is the old one or the new.
- No text and no name lies readable in any of these files, before or after it was deleted. One root key of 32 random
  bytes keeps them; each purpose has its own key, derived from it under a label (keys.py).
- The folder is 0700 and its files are 0600, where the file system has such modes.
- Nothing here raises for reasons outside the program but a StoreError, whose message is a sentence for the user.

Tables are STRICT and come from named steps in migrations.py (schema.py). Store (tables.py) has them together, in one
transaction:

    entries         everything that was said, by chain        lines           how readers see it
    heads           how far each chain goes, durably          floors          known parents that are not here
    bodies          which words are here, to come, or lost    witnesses       who knew of what happened to a group
    conversations   which there are, what is unread           keeping         drafts, and how long things stay
    people          who is known, and what strangers asked    pictures        their faces
    devices         those of this identity                    notices         what a client can still ask for
    search          the index of words                        rows            numbers for conversations and devices

Files are read and replaced through files.py; errors.py says what went wrong on a disk. What a row means is decided in
the rooms that own the meaning; time, randomness and keys are passed in.
"""
