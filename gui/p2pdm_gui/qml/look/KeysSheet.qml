pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic

// What the keys do.
Pop {
    id: sheet

    readonly property list<string> keys: ["Enter", "Send", "Shift+Enter", "New line", "Up", "Edit your last message, with nothing written", "Esc", "Leave what is begun, or go back", "Ctrl+F, Ctrl+K", "Search people, chats and messages", "Alt+Up, Alt+Down", "Previous and next chat", "Alt+Shift+Up, Alt+Shift+Down", "Previous and next unread chat", "Ctrl+1 … Ctrl+9", "Chat by its place in the list", "F6", "Search, messages, writing", "Shift+F10", "Menu of what is pointed at", "Ctrl+End", "Latest message", "Ctrl+N", "New chat, group or room", "Ctrl+,", "Your profile and settings", "Ctrl+L", "Lock, with a passphrase set", "Ctrl++, Ctrl+-, Ctrl+0", "Larger, smaller, usual size", "Ctrl+/", "This list", "Ctrl+Q", "Close the window"]

    objectName: "keysSheet"
    parent: Overlay.overlay
    modal: true
    dim: true
    padding: 12
    width: Math.min(520 * Theme.scale, parent ? parent.width - 32 : 520)
    x: parent ? Math.round((parent.width - width) / 2) : 0
    height: Math.min(implicitHeight, parent ? parent.height - 24 : implicitHeight)
    y: parent ? Math.round((parent.height - height) / 2) : 0
    onOpened: scroller.forceActiveFocus(Qt.PopupFocusReason)

    contentItem: Scroller {
        id: scroller
        padding: 8
        spacing: 8
        implicitHeight: contentHeight
        Accessible.role: Accessible.Dialog
        Accessible.name: "Keys"
        Keys.onDownPressed: contentY = Math.min(Math.max(0, contentHeight - height), contentY + 60)
        Keys.onUpPressed: contentY = Math.max(0, contentY - 60)

        Txt {
            text: "Keys"
            font.weight: Font.DemiBold
        }
        Repeater {
            model: sheet.keys.length / 2

            Item {
                id: line

                required property int index
                readonly property string key: sheet.keys[2 * index]
                readonly property string does: sheet.keys[2 * index + 1]

                width: parent ? parent.width : 0
                height: Math.max(name.height, what.height)
                Accessible.role: Accessible.StaticText
                Accessible.name: key + ": " + does

                Txt {
                    id: name
                    text: line.key
                    font.pixelSize: Theme.small
                    font.weight: Font.DemiBold
                    wrapMode: Text.Wrap
                    width: Math.round(parent.width * 0.42)
                    anchors.left: parent.left
                    horizontalAlignment: Text.AlignLeft
                }
                Txt {
                    id: what
                    text: line.does
                    color: Theme.muted
                    font.pixelSize: Theme.small
                    wrapMode: Text.Wrap
                    anchors.left: name.right
                    anchors.leftMargin: 12
                    anchors.right: parent.right
                    horizontalAlignment: Text.AlignLeft
                }
            }
        }
    }
}
