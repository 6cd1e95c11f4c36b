pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"
import "../chat"

// One line of the list: somebody, what was said last, and what waits.
ItemDelegate {
    id: row

    required property string key
    required property string section
    required property string chat
    required property string person
    required property string name
    required property string line
    required property bool draft
    required property bool unsent
    required property string clock
    required property int unread
    required property string status
    required property string presence
    required property string picture
    required property bool typing
    required property bool verified
    required property bool same_name
    required property string stage
    required property string kind
    required property bool invited
    required property bool announcement
    required property string typing_words
    required property string message
    required property string label
    property bool current: false
    property bool pointed: false // by the arrow keys

    signal chosen(string chat)
    signal accepted(string person)
    signal declined(string person)
    signal joined(string chat)
    signal refused(string chat)
    signal menuAsked(string chat, point at)

    readonly property bool asks: section === "Requests"
    readonly property bool tended: section === "Chats" // and so has a menu
    readonly property bool several: kind === "group" || kind === "room"

    objectName: "row:" + name
    implicitHeight: Math.max(Theme.sized(64), words.implicitHeight + 20)
    leftPadding: 8
    rightPadding: 8
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: label
    Accessible.focusable: true
    Accessible.focused: pointed
    Accessible.onPressAction: row.chosen(row.chat)
    onClicked: chosen(chat)

    TapHandler {
        enabled: row.tended
        acceptedButtons: Qt.RightButton
        onTapped: point => row.menuAsked(row.chat, point.position)
    }
    TapHandler {
        enabled: row.tended
        acceptedDevices: PointerDevice.TouchScreen
        onLongPressed: row.menuAsked(row.chat, point.position)
    }
    background: Item {
        Rectangle {
            anchors.fill: parent
            anchors.leftMargin: 8
            anchors.rightMargin: 8
            anchors.topMargin: 1
            anchors.bottomMargin: 1
            radius: Theme.corner
            color: row.current ? Theme.chosen : row.hovered ? Theme.hover : "transparent"
            border.color: Theme.accent
            border.width: row.pointed ? 2 : 0
        }
    }
    contentItem: Item {
        Avatar {
            id: avatar
            opacity: row.several ? 0 : 1
            identity: row.person || row.chat
            name: row.name
            picture: row.several ? "" : row.picture
            status: row.status
            says: row.presence
            behind: row.current ? Theme.chosen : row.hovered ? Theme.hover : Theme.side
            anchors.left: parent.left
            anchors.leftMargin: 10
            anchors.verticalCenter: parent.verticalCenter
        }
        Loader {
            active: row.several
            anchors.fill: avatar
            sourceComponent: GroupAvatar {
                identity: row.chat
                name: row.name
                picture: row.picture
                room: row.kind === "room"
                announcement: row.announcement
                behind: row.current ? Theme.chosen : row.hovered ? Theme.hover : Theme.side
            }
        }
        Column {
            id: words
            anchors.left: avatar.right
            anchors.leftMargin: 12
            anchors.right: answers.visible ? answers.left : parent.right
            anchors.rightMargin: answers.visible ? 4 : 12
            anchors.verticalCenter: parent.verticalCenter
            spacing: 2

            Item {
                width: parent.width
                height: title.height

                Txt {
                    id: title
                    text: row.name
                    font.weight: row.unread > 0 ? Font.Bold : Font.DemiBold
                    elide: Text.ElideRight
                    anchors.left: parent.left
                    width: Math.min(implicitWidth, parent.width - (stamp.visible ? stamp.width + 8 : 0) - marks.width)
                }
                Row {
                    id: marks
                    anchors.left: title.right
                    anchors.leftMargin: 4
                    anchors.verticalCenter: parent.verticalCenter
                    spacing: 2

                    Icon {
                        visible: row.verified
                        name: "shield"
                        size: 15
                        tint: Theme.accent
                    }
                    Icon {
                        visible: row.same_name && !row.verified
                        name: "alert"
                        size: 15
                        tint: Theme.warn
                    }
                }
                Txt {
                    id: stamp
                    visible: row.clock.length > 0
                    text: row.clock
                    color: row.unread > 0 ? Theme.accent : Theme.faint
                    font.pixelSize: Theme.tiny
                    anchors.right: parent.right
                    anchors.baseline: title.baseline
                }
            }
            Item {
                width: parent.width
                height: Math.max(last.height, badge.height)

                StateSign {
                    id: sign
                    visible: row.stage.length > 0 && !row.typing && !row.draft
                    stage: row.stage
                    tint: Theme.faint
                    anchors.left: parent.left
                    anchors.verticalCenter: parent.verticalCenter
                }
                Txt {
                    id: last
                    text: row.typing ? (row.typing_words || "typing") + "…" : row.draft ? "Draft: " + row.line : row.line
                    color: row.typing || row.invited ? Theme.accent : row.draft ? Theme.warn : Theme.muted
                    font.pixelSize: Theme.small
                    font.italic: row.unsent && !row.typing
                    elide: Text.ElideRight
                    maximumLineCount: 1
                    horizontalAlignment: Text.AlignLeft
                    anchors.left: sign.visible ? sign.right : parent.left
                    anchors.leftMargin: sign.visible ? 4 : 0
                    anchors.right: badge.visible ? badge.left : parent.right
                    anchors.rightMargin: badge.visible ? 8 : 0
                    anchors.verticalCenter: parent.verticalCenter
                }
                Rectangle {
                    id: badge
                    visible: row.unread > 0
                    height: Theme.sized(20)
                    width: Math.max(height, number.implicitWidth + 12)
                    radius: height / 2
                    color: Theme.accent
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter

                    Txt {
                        id: number
                        anchors.centerIn: parent
                        text: row.unread > 999 ? "999+" : row.unread
                        color: Theme.accentInk
                        font.pixelSize: Theme.tiny
                        font.weight: Font.Bold
                    }
                }
            }
        }
        Row {
            id: answers
            visible: row.asks && (!row.invited || row.width >= 320 * Theme.scale)
            anchors.right: parent.right
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            spacing: 4

            IconButton {
                objectName: "accept:" + row.name
                drawing: "tick"
                label: (row.invited ? "Join " : "Accept ") + row.name
                tint: Theme.accentInk
                back: Theme.accent
                size: 32
                onClicked: row.invited ? row.joined(row.chat) : row.accepted(row.person)
            }
            IconButton {
                objectName: "decline:" + row.name
                drawing: "close"
                label: "Decline " + row.name
                size: 32
                onClicked: row.invited ? row.refused(row.chat) : row.declined(row.person)
            }
        }
    }
}
