"""The command line: verbs become calls of the node's API, and what comes back is printed.

`parser` knows the verbs, `kinds` what their arguments may be; `people`, `oneself`, `talking`, `messages`, `keeping`,
`groups`, `searching`, `exporting`, `running` and `safety` do them over a `session`, asking for `passphrases`;
`terminal` is the chat, `asking` what comes before it, `screen` and `editor` its surface; `output` is how things look.
Names, fields and exit codes are a public contract: 0 is done, 1 did not work (one sentence on stderr), 2 is wrong
usage; stdout carries only results, with `--json` one object a line with the fields of p2pdm.api.types.

    verb         calls                       prints, with --json
    init         (makes a profile)           {"name", "profile"}
    node         (runs the node)             {"event": "ready", "id", "port"}
    status       status                      Status
    stop         stop
    log          (reads a file)
    call         any                         what the method returns
    id           me                          Me
    people       people                      Person ...
    accept       accept                      Person
    decline      decline                     Person
    block        block                       Person
    unblock      unblock                     Person
    nickname     nickname                    Person
    forget       forget
    verify       safety_number, verify       SafetyNumber, with --number Person
    name         rename                      Me
    join         join                        Person
    profile      profile, set_profile        Profile
    set-status   set_status                  Profile
    idle         idle
    picture      picture                     (a file, no JSON)
    privacy      privacy, set_privacy        Privacy
    send         send, wait, people, chats   Sent
    reply        message, send, wait         Sent
    forward      message, send, wait         Sent
    edit         edit, message               Message
    unsend       unsend                      Message
    react        react                       Message
    pin          pin                         Message
    delete       delete
    group        create_group, group, invite, join_group, leave, remove, promote, describe   Chat or Group
    room         rooms, open_room, enter_room, leave   Room ... or Chat
    chats        chats                       Chat ...
    history      history, people, person     Message ...
    read         read
    search       search, chats               Hit ...
    export       export                      Exported
    unread       unread
    draft        draft, set_draft            {"draft"}
    expire       expire                      Chat
    retention    retention, set_retention    {"days"}
    delete-chat  delete_chat
    backup       backup                      Backup
    devices      devices                     Device ...
    lock         lock, set_lock, lock_state  LockState
    unlock       lock_state, unlock          LockState
    wipe         me, wipe
    restore      (makes a profile)           {"name", "profile"}
    listen       subscribe, message, person  Notice ...
    chat         person, typing and more     (a conversation, no JSON)
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from p2pdm.api.types import ApiError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code."""
    from p2pdm.cli import output

    output.prepare()
    code = _done(argv)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = output.refused(error) or code
    return code


def _done(argv: Sequence[str] | None) -> int:
    from p2pdm.cli import output
    from p2pdm.cli.parser import parse

    try:
        arguments = parse(argv)
        output.prepare(json=getattr(arguments, "json", False))
        code: int = arguments.run(arguments)
        return code
    except SystemExit as end:  # argparse has said what is wrong, or has helped
        return end.code if isinstance(end.code, int) else 2
    except ApiError as error:
        return output.complain(error.message)
    except KeyboardInterrupt:
        return 1
    except Exception as error:  # noqa: BLE001 - our bug: nobody shall be shown a traceback
        if isinstance(error, OSError) and error.errno in output.REFUSALS and error.filename is None:
            return output.refused(error)
        from p2pdm.api.trace import where

        return output.complain(f"something went wrong inside p2pdm: {where(error)}")
