pragma ComponentBehavior: Bound

import QtQuick
import P2pdm

// What the keys do, said once: the window's shortcuts are made from it, and the sheet shows it.
Item {
    id: shortcuts

    required property Roster roster
    required property Conversation conversation
    required property Lock lock
    required property Looks looks
    required property bool awake // nothing covers the chats: only size and closing go on without them

    signal steppedBack
    signal searchAsked
    signal chatAsked(string chat)
    signal paneAsked
    signal endAsked
    signal newAsked
    signal profileAsked
    signal closeAsked

    // Of each: keys, what they do, and what is done with the place of the key that was pressed; nothing where whoever
    // has the keyboard does it. `also`: other keys for the same, in the same order, that the sheet leaves out.
    readonly property var all: [
        {
            keys: ["Enter"],
            does: "Send"
        },
        {
            keys: ["Shift+Enter"],
            does: "New line"
        },
        {
            keys: ["Up"],
            does: "Edit your last message, with nothing written"
        },
        {
            keys: ["Esc"],
            does: "Leave what is begun, or go back",
            act: () => shortcuts.steppedBack()
        },
        {
            keys: ["Ctrl+F", "Ctrl+K"],
            does: "Search people, chats and messages",
            act: () => shortcuts.searchAsked()
        },
        {
            keys: ["Alt+Up", "Alt+Down"],
            also: ["Ctrl+Shift+Tab", "Ctrl+Tab"],
            does: "Previous and next chat",
            act: place => shortcuts.chatAsked(shortcuts.roster.neighbour(shortcuts.conversation.chat, place === 0 ? -1 : 1))
        },
        {
            keys: ["Alt+Shift+Up", "Alt+Shift+Down"],
            does: "Previous and next unread chat",
            act: place => shortcuts.chatAsked(shortcuts.roster.next_unread(shortcuts.conversation.chat, place === 0 ? -1 : 1))
        },
        {
            keys: ["Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+5", "Ctrl+6", "Ctrl+7", "Ctrl+8", "Ctrl+9"],
            does: "Chat by its place in the list",
            act: place => shortcuts.chatAsked(shortcuts.roster.nth(place + 1))
        },
        {
            keys: ["F6"],
            does: "Search, messages, writing",
            act: () => shortcuts.paneAsked()
        },
        {
            keys: ["Shift+F10"],
            does: "Menu of what is pointed at"
        },
        {
            keys: ["Ctrl+End"],
            does: "Latest message",
            act: () => shortcuts.endAsked()
        },
        {
            keys: ["Ctrl+N"],
            does: "New chat, group or room",
            act: () => shortcuts.newAsked()
        },
        {
            keys: ["Ctrl+,"],
            does: "Your profile and settings",
            act: () => shortcuts.profileAsked()
        },
        {
            keys: ["Ctrl+L"],
            does: "Lock, with a passphrase set",
            act: () => {
                if (shortcuts.lock.there)
                    shortcuts.lock.lock();
            }
        },
        {
            keys: ["Ctrl++", "Ctrl+-", "Ctrl+0"],
            also: ["Ctrl+="],
            does: "Larger, smaller, usual size",
            anywhere: true,
            act: place => shortcuts.looks.resize([shortcuts.looks.scale + 10, shortcuts.looks.scale - 10, 100][place])
        },
        {
            keys: ["Ctrl+/"],
            does: "This list",
            act: () => sheet.visible ? sheet.close() : sheet.open()
        },
        {
            keys: ["Ctrl+Q"],
            also: ["Ctrl+W"],
            does: "Close the window",
            anywhere: true,
            act: () => shortcuts.closeAsked()
        }
    ]
    readonly property var bound: [].concat(...all.filter(line => line.act).map(line => line.keys.map((key, place) => ({
                        sequences: [key, ...(line.also ?? []).slice(place, place + 1)],
                        anywhere: line.anywhere ?? false,
                        act: () => line.act(place)
                    }))))

    function show(): void {
        sheet.open();
    }

    onAwakeChanged: sheet.close()

    Instantiator {
        model: shortcuts.bound.length

        Shortcut {
            required property int index
            readonly property var deed: shortcuts.bound[index]

            sequences: deed.sequences
            enabled: shortcuts.awake || deed.anywhere
            onActivated: deed.act()
        }
    }
    KeysSheet {
        id: sheet
        lines: shortcuts.all
    }
}
