pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import P2pdm
import "../look"

// Whom the chat is with, and how they are.
Item {
    id: header

    required property Partner partner
    required property string chat
    required property bool narrow
    property bool invited: false
    property bool announcement: false
    readonly property bool several: partner.kind === "group" || partner.kind === "room"

    signal returned
    signal menuAsked(Item button, point at)
    signal expiryAsked
    signal looked

    implicitHeight: Math.max(Theme.sized(64), names.height + 20)

    IconButton {
        id: back
        objectName: "back"
        visible: header.narrow
        drawing: "back"
        label: "Back to the chats"
        tint: Theme.ink
        anchors.left: parent.left
        anchors.leftMargin: 8
        anchors.verticalCenter: parent.verticalCenter
        onClicked: header.returned()
    }
    AbstractButton {
        id: who
        objectName: "who"
        enabled: header.several && !header.invited || header.partner.person.length > 0
        anchors.left: back.visible ? back.right : parent.left
        anchors.leftMargin: back.visible ? 4 : 12
        anchors.right: timer.visible ? timer.left : more.visible ? more.left : menu.visible ? menu.left : parent.right
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        anchors.margins: 6
        hoverEnabled: true
        focusPolicy: Qt.TabFocus
        Accessible.role: Accessible.Button
        Accessible.name: header.partner.name + ", " + state.text + (header.partner.verified ? ", verified" : "")
        onClicked: header.looked()
        Keys.onReturnPressed: click()
        Keys.onEnterPressed: click()

        Tip {
            visible: who.hovered && state.truncated
            text: state.text
        }
        background: Rectangle {
            radius: Theme.corner
            color: "transparent"
            border.color: Theme.accent
            border.width: who.visualFocus ? 2 : 0
        }
        contentItem: Item {
            Avatar {
                id: picture
                opacity: header.several ? 0 : 1
                size: 40
                identity: header.partner.person
                name: header.partner.name
                picture: header.several ? "" : header.partner.picture
                status: header.partner.status
                behind: Theme.canvas
                anchors.left: parent.left
                anchors.leftMargin: 8
                anchors.verticalCenter: parent.verticalCenter
            }
            Loader {
                active: header.several
                anchors.fill: picture
                sourceComponent: GroupAvatar {
                    size: 40
                    identity: header.chat
                    name: header.partner.name
                    picture: header.partner.picture
                    room: header.partner.kind === "room"
                    announcement: header.announcement
                    behind: Theme.canvas
                }
            }
            Column {
                id: names
                anchors.left: picture.right
                anchors.leftMargin: 12
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                spacing: 1

                Row {
                    width: parent.width
                    spacing: 5

                    Txt {
                        objectName: "partner"
                        text: header.partner.name
                        font.pixelSize: Theme.title
                        font.weight: Font.DemiBold
                        elide: Text.ElideRight
                        width: Math.min(implicitWidth, parent.width - Theme.sized(24))
                    }
                    Icon {
                        visible: header.partner.verified
                        name: "shield"
                        size: 17
                        tint: Theme.accent
                        anchors.verticalCenter: parent.verticalCenter
                    }
                }
                Row {
                    width: parent.width
                    spacing: 6

                    TypingDots {
                        id: dots
                        visible: header.partner.typing
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    Txt {
                        id: state
                        objectName: "presence"
                        text: header.partner.typing ? header.partner.typing_words : header.partner.presence
                        color: header.partner.typing ? Theme.accent : Theme.muted
                        font.pixelSize: Theme.small
                        elide: Text.ElideRight
                        width: Math.min(implicitWidth, names.width - (dots.visible ? dots.width + parent.spacing : 0))
                    }
                }
            }
        }
    }
    IconButton {
        id: more
        objectName: "more"
        // In a small window the name alone leads there: it needs the room.
        visible: header.width >= 460 * Theme.scale && (header.several && !header.invited || header.partner.person.length > 0)
        drawing: "info"
        label: "About " + header.partner.name
        anchors.right: menu.visible ? menu.left : parent.right
        anchors.rightMargin: menu.visible ? 0 : 14
        anchors.verticalCenter: parent.verticalCenter
        onClicked: header.looked()
    }
    IconButton {
        id: menu
        objectName: "chatMenu"
        visible: header.several ? !header.invited : header.partner.relation === "contact"
        drawing: "more"
        label: "More"
        anchors.right: parent.right
        anchors.rightMargin: 14
        anchors.verticalCenter: parent.verticalCenter
        onClicked: header.menuAsked(menu, Qt.point(width, height + 4))
    }
    AbstractButton {
        id: timer
        objectName: "expiry"
        visible: header.partner.expiry.length > 0
        anchors.right: more.visible ? more.left : menu.left
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        leftPadding: 8
        rightPadding: 10
        implicitHeight: Math.max(28, left.implicitHeight + 10)
        hoverEnabled: true
        focusPolicy: Qt.TabFocus
        text: header.partner.expiry
        Accessible.role: Accessible.Button
        Accessible.name: "Messages disappear " + text + " after reading"
        onClicked: header.expiryAsked()
        Keys.onReturnPressed: click()
        Keys.onEnterPressed: click()

        Tip {
            visible: timer.hovered
            text: "Messages disappear " + timer.text + " after reading"
        }
        background: Rectangle {
            radius: height / 2
            color: timer.hovered ? Theme.hover : Theme.chosen
            border.color: Theme.accent
            border.width: timer.visualFocus ? 2 : 0
        }
        contentItem: Row {
            spacing: 5

            Icon {
                name: "timer"
                size: 16
                tint: Theme.accent
                anchors.verticalCenter: parent.verticalCenter
            }
            Txt {
                id: left
                visible: header.width >= 460 * Theme.scale
                text: timer.text
                color: Theme.accent
                font.pixelSize: Theme.tiny
                font.weight: Font.DemiBold
                anchors.verticalCenter: parent.verticalCenter
            }
        }
    }
    Rectangle {
        height: 1
        color: Theme.line
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
    }
}
