pragma ComponentBehavior: Bound

import QtQuick
import P2pdm

// What stands beside the chats, by its name: a person, a group, oneself, somebody to add, a new group or the rooms.
Loader {
    id: side

    required property string name
    required property Account account
    required property Oneself oneself
    required property Roster roster
    required property Care care
    required property Card card
    required property Circle circle
    required property Rooms rooms
    required property NewGroup new_group
    required property Lock lock
    required property Looks looks

    signal closed
    signal copied(string text)
    signal chatAsked(string chat)
    signal keysAsked

    visible: name.length > 0
    sourceComponent: ({
            "person": person,
            "group": group,
            "me": me,
            "add": someone,
            "newGroup": newGroup,
            "rooms": allRooms
        })[name] ?? null

    Component {
        id: person

        PersonPanel {
            card: side.card
            roster: side.roster
            onClosed: side.closed()
            onCopied: text => side.copied(text)
        }
    }
    Component {
        id: group

        GroupPanel {
            circle: side.circle
            onClosed: side.closed()
            onChatAsked: chat => side.chatAsked(chat)
        }
    }
    Component {
        id: me

        ProfilePanel {
            account: side.account
            oneself: side.oneself
            care: side.care
            lock: side.lock
            looks: side.looks
            onKeysAsked: side.keysAsked()
            onClosed: side.closed()
            onCopied: text => side.copied(text)
        }
    }
    Component {
        id: someone

        AddPanel {
            roster: side.roster
            account: side.account
            onClosed: side.closed()
            onCopied: text => side.copied(text)
        }
    }
    Component {
        id: newGroup

        NewGroupPanel {
            maker: side.new_group
            onClosed: side.closed()
        }
    }
    Component {
        id: allRooms

        RoomsPanel {
            rooms: side.rooms
            onClosed: side.closed()
        }
    }
}
