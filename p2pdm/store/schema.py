"""The tables. A released step is never changed; see `migrations`.

Times are milliseconds since 1970. Blobs named id, key or identity have 32 bytes. Numbers are row ids, for joins only:
they never leave this room.
"""

from __future__ import annotations

from typing import Final

STEPS: Final[tuple[tuple[str, str], ...]] = (
    (
        "settings, people and addresses",
        """
        CREATE TABLE settings (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE people (
            identity BLOB PRIMARY KEY,
            name TEXT NOT NULL DEFAULT '',
            nickname TEXT NOT NULL DEFAULT '',
            record BLOB NOT NULL DEFAULT x'',       -- the newest signed profile record
            record_number INTEGER NOT NULL DEFAULT -1,
            relation INTEGER NOT NULL DEFAULT 0,    -- 0 nearby, 1 contact, 2 blocked
            was_contact INTEGER NOT NULL DEFAULT 0, -- before a block
            verified INTEGER NOT NULL DEFAULT 0,
            accepts_us INTEGER NOT NULL DEFAULT 0,  -- their own word
            last_seen INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE addresses (
            identity BLOB NOT NULL,
            host TEXT NOT NULL,
            port INTEGER NOT NULL,
            reached INTEGER NOT NULL DEFAULT 0,     -- when a session last stood there
            PRIMARY KEY (identity, host, port)
        ) STRICT, WITHOUT ROWID;
        """,
    ),
    (
        "conversations, entries and heads",
        """
        CREATE TABLE conversations (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            kind INTEGER NOT NULL,                  -- 0 direct, 1 group, 2 room, 3 self
            other BLOB NOT NULL,                    -- direct: the other identity; group: its creator; else oneself
            nonce BLOB NOT NULL DEFAULT x'',        -- a group's, with which its creator made its id
            name TEXT NOT NULL DEFAULT '',          -- a room's
            listed INTEGER NOT NULL DEFAULT 0,      -- it stands in the list though nothing was said in it
            entered INTEGER NOT NULL DEFAULT 0,     -- a room: the user is in it
            last INTEGER NOT NULL DEFAULT 0,        -- arrival of the line that is shown last
            unread INTEGER NOT NULL DEFAULT 0,
            read_arrival INTEGER NOT NULL DEFAULT 0 -- everything up to this arrival has been read here
        ) STRICT;
        CREATE TABLE devices (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            key BLOB NOT NULL UNIQUE,
            identity BLOB NOT NULL,
            certificate BLOB NOT NULL,
            name TEXT NOT NULL DEFAULT ''           -- as its first opening says: for who is nobody known otherwise
        ) STRICT;
        CREATE INDEX devices_of ON devices (identity);
        CREATE TABLE entries (
            arrival INTEGER PRIMARY KEY,            -- rows are never deleted, so it only grows
            id BLOB NOT NULL UNIQUE,
            conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
            device INTEGER NOT NULL REFERENCES devices (number),
            chain INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            lamport INTEGER NOT NULL,
            time INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            shown INTEGER NOT NULL,                 -- 1: it is a message in the timeline; -1: erased here
            lacking INTEGER NOT NULL DEFAULT 0,     -- its body should be here and is not
            void INTEGER NOT NULL DEFAULT 0,        -- kept for the chain; its author had no right to say it
            target BLOB,                            -- the message that it is about
            signed BLOB NOT NULL,
            signature BLOB NOT NULL,
            salt BLOB NOT NULL,
            body BLOB                               -- NULL: purged or lacking
        ) STRICT;
        CREATE INDEX entries_by_chain ON entries (conversation, device, chain, seq);
        CREATE INDEX entries_membership ON entries (conversation) WHERE chain = 1;
        CREATE INDEX entries_lacking ON entries (conversation) WHERE lacking = 1;
        CREATE INDEX entries_shown ON entries (conversation, lamport, time, id) WHERE shown = 1;
        CREATE INDEX entries_by_target ON entries (target) WHERE target IS NOT NULL;
        CREATE TABLE heads (
            conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
            device INTEGER NOT NULL REFERENCES devices (number),
            chain INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            lamport INTEGER NOT NULL,
            id BLOB NOT NULL,
            PRIMARY KEY (conversation, device, chain, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE own_reads (                    -- up to where another device of the user has read
            conversation BLOB NOT NULL,
            device BLOB NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (conversation, device)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE floors (                       -- known parents that one does not hold: from before one belonged
            id BLOB PRIMARY KEY,
            conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
            device BLOB NOT NULL,
            chain INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            lamport INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- With a copy of the text, and secure-delete: only so does a deleted word leave the index's pages at once.
        CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
        INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
        INSERT INTO words (words, rank) VALUES ('pgsz', 1900); -- a piece of the index fits a page of the database
        """,
    ),
    (
        "receipts, requests and notices",
        """
        CREATE TABLE receipts (
            conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
            recipient BLOB NOT NULL,
            device INTEGER NOT NULL REFERENCES devices (number),
            chain INTEGER NOT NULL,
            kind INTEGER NOT NULL,                  -- 1 delivered, 2 read: up to seq, by the recipient's own word
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (conversation, device, chain, recipient, kind, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE requests (                     -- what strangers sent, held apart
            identity BLOB PRIMARY KEY,
            opening BLOB NOT NULL,
            entry BLOB NOT NULL,
            text TEXT NOT NULL,
            arrived INTEGER NOT NULL,
            declined INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE held (                         -- own requests that strangers say they hold
            entry BLOB PRIMARY KEY,
            identity BLOB NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE notices (
            cursor INTEGER PRIMARY KEY,             -- only old rows are deleted, so it only grows
            event TEXT NOT NULL,
            chat BLOB NOT NULL DEFAULT x'',
            person BLOB NOT NULL DEFAULT x'',
            id BLOB NOT NULL DEFAULT x'',
            state TEXT NOT NULL DEFAULT ''
        ) STRICT;
        """,
    ),
    (
        "own devices",
        """
        CREATE TABLE own_devices (                  -- of this profile's identity, what became of them
            device BLOB PRIMARY KEY,
            retired TEXT NOT NULL DEFAULT '',       -- why this profile is that device no longer
            retired_at INTEGER NOT NULL DEFAULT 0,
            last_seen INTEGER NOT NULL DEFAULT 0    -- when it was last met on the network
        ) STRICT, WITHOUT ROWID;
        """,
    ),
    (
        "words by volume, and times by block",
        """
        DROP TABLE words;
        -- See `search`, which also says what the words look like. With a copy of them, and secure-delete, as before.
        CREATE VIRTUAL TABLE words USING fts5 (text, columnsize = 0, tokenize = "ascii tokenchars '_'");
        INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
        CREATE VIRTUAL TABLE words_there USING fts5vocab (words, instance);
        CREATE TABLE blocks (
            number INTEGER PRIMARY KEY,             -- arrivals from number * 1024 on
            earliest INTEGER NOT NULL,              -- the time of its oldest message; purged ones count, too
            latest INTEGER NOT NULL
        ) STRICT;
        DELETE FROM settings WHERE name = 'words are indexed up to arrival';
        """,
    ),
    (
        "pictures of people",
        """
        CREATE TABLE pictures (
            identity BLOB PRIMARY KEY,
            id BLOB NOT NULL,                       -- by which their profile record names it
            data BLOB NOT NULL
        ) STRICT;
        """,
    ),
    (
        "drafts, and how long things are kept",
        """
        CREATE TABLE drafts (
            chat BLOB PRIMARY KEY,
            text TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE expiry_settings (              -- by the latest entry that sets it
            chat BLOB PRIMARY KEY,
            seconds INTEGER NOT NULL,
            lamport INTEGER NOT NULL,
            time INTEGER NOT NULL,
            id BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE expiring (
            arrival INTEGER PRIMARY KEY REFERENCES entries (arrival) ON DELETE CASCADE,
            conversation INTEGER NOT NULL,
            seconds INTEGER NOT NULL,
            own INTEGER NOT NULL,
            due INTEGER                             -- an age; NULL: not yet read, or not yet delivered
        ) STRICT;
        CREATE INDEX expiring_by_due ON expiring (due) WHERE due IS NOT NULL;
        CREATE INDEX expiring_not_yet ON expiring (conversation) WHERE due IS NULL;
        CREATE TABLE retention (
            chat BLOB PRIMARY KEY,                  -- empty: all that have no row
            days INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE calendar (
            day INTEGER PRIMARY KEY,                -- of the age
            above INTEGER NOT NULL                  -- what came on this day or later arrived above this
        ) STRICT;
        """,
    ),
    (
        "floors as they were signed",
        """
        DELETE FROM floors; -- what somebody only said of them; they are asked for again
        ALTER TABLE floors ADD COLUMN signed BLOB NOT NULL DEFAULT x'';
        ALTER TABLE floors ADD COLUMN signature BLOB NOT NULL DEFAULT x'';
        """,
    ),
    (
        "what is no line, and floors, by chain",
        """
        CREATE INDEX entries_unshown ON entries (conversation, device, seq) WHERE chain = 0 AND shown != 1;
        CREATE INDEX floors_of ON floors (conversation, device);
        """,
    ),
    (
        "what happened to groups",
        """
        CREATE TABLE witnesses (                    -- by membership entry, the first content of a device that names it
            conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
            head BLOB NOT NULL,
            device INTEGER NOT NULL,
            place BLOB NOT NULL,                    -- lamport, time and id, ordered as they are
            PRIMARY KEY (conversation, head, device)
        ) STRICT, WITHOUT ROWID;
        -- What changed a group and arrived up to here is not shown: of what is older, nobody knows where it stands.
        ALTER TABLE conversations ADD COLUMN told_above INTEGER NOT NULL DEFAULT 0;
        UPDATE conversations SET told_above = (SELECT coalesce(max(arrival), 0) FROM entries);
        """,
    ),
)
