"""NodeApi: every call at the door of a node, typed and documented once.

Server, client, command line and documents are held to this class by a test. WHO is a person's id, a
unique prefix of it, or a unique name; CHAT is a chat's id or a WHO (their direct chat). Every call may
raise ApiError; its message is a sentence for the user.

The calls stand in one file for each concern.
"""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.methods.chats import ChatCalls
from p2pdm.api.methods.export import ExportCalls
from p2pdm.api.methods.groups import GroupCalls
from p2pdm.api.methods.keeping import KeepingCalls
from p2pdm.api.methods.lock import LockCalls
from p2pdm.api.methods.messages import MessageCalls
from p2pdm.api.methods.oneself import OneselfCalls
from p2pdm.api.methods.people import PeopleCalls
from p2pdm.api.methods.privacy import PrivacyCalls
from p2pdm.api.methods.profile import ProfileCalls
from p2pdm.api.methods.rooms import RoomCalls
from p2pdm.api.methods.safety import SafetyCalls
from p2pdm.api.methods.search import SearchCalls


class NodeApi(
    ProfileCalls,
    OneselfCalls,
    PrivacyCalls,
    PeopleCalls,
    MessageCalls,
    ChatCalls,
    KeepingCalls,
    GroupCalls,
    RoomCalls,
    SearchCalls,
    ExportCalls,
    SafetyCalls,
    LockCalls,
    Protocol,
):
    """A running node, as its window, command line and bots see it."""
