"""What crosses the door: every value that a NodeApi call takes, returns or notices.

Ids are lower-case base32 (RFC 4648, no padding); times are ISO 8601 in UTC with a trailing Z.
"""

from __future__ import annotations

from p2pdm.api.types.errors import ApiError
from p2pdm.api.types.export import Exported, ExportFormat
from p2pdm.api.types.groups import Former, Group, Member, Room
from p2pdm.api.types.messages import (
    Chat,
    ChatKind,
    ChatStanding,
    Happening,
    MemberState,
    Message,
    MessageState,
    Reaction,
    Sent,
    Version,
    WhatHappened,
)
from p2pdm.api.types.oneself import Availability, Picture, Profile, ProfileKind
from p2pdm.api.types.people import Me, Person, Relation, SafetyNumber
from p2pdm.api.types.privacy import Privacy
from p2pdm.api.types.safety import Backup, Device, LockState
from p2pdm.api.types.search import Hit, SearchOrder
from p2pdm.api.types.status import Interface, Notice, NoticeEvent, Status, Waiting

__all__ = [
    "ApiError",
    "Availability",
    "Backup",
    "Chat",
    "ChatKind",
    "ChatStanding",
    "Device",
    "ExportFormat",
    "Exported",
    "Former",
    "Group",
    "Happening",
    "Hit",
    "Interface",
    "LockState",
    "Me",
    "Member",
    "MemberState",
    "Message",
    "MessageState",
    "Notice",
    "NoticeEvent",
    "Person",
    "Picture",
    "Privacy",
    "Profile",
    "ProfileKind",
    "Reaction",
    "Relation",
    "Room",
    "SafetyNumber",
    "SearchOrder",
    "Sent",
    "Status",
    "Version",
    "Waiting",
    "WhatHappened",
]
