pragma ComponentBehavior: Bound

import QtQuick
import P2pdm
import "../look"

// Somebody asks the user into a group: who, who else is in it, and the two answers.
Rectangle {
    id: card

    required property Circle circle

    signal joined
    signal declined

    implicitHeight: inside.implicitHeight + 56
    radius: 20
    color: Theme.card
    border.color: Theme.line

    Column {
        id: inside
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.margins: 28
        anchors.verticalCenter: parent.verticalCenter
        spacing: 14

        GroupAvatar {
            size: 72
            identity: card.circle.chat
            name: card.circle.name
            picture: card.circle.picture
            behind: Theme.card
            anchors.horizontalCenter: parent.horizontalCenter
        }
        Txt {
            width: parent.width
            objectName: "invitation"
            text: (card.circle.inviter ? card.circle.inviter + " invites you to " : "You are invited to ") + card.circle.name
            font.pixelSize: Theme.title
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
        Txt {
            visible: text.length > 0
            width: parent.width
            text: card.circle.topic
            color: Theme.muted
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
        Flickable {
            width: parent.width
            height: Math.min(list.height, 208)
            contentHeight: list.height
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            interactive: contentHeight > height

            Column {
                id: list
                width: parent.width

                Repeater {
                    model: card.circle.members

                    MemberLine {
                        width: list.width
                        behind: Theme.card
                    }
                }
            }
        }
        Txt {
            width: parent.width
            text: "Everybody in the group sees that you joined, and reads what you write there. You read what was said since you were invited."
            color: Theme.muted
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
        Row {
            spacing: 8
            anchors.horizontalCenter: parent.horizontalCenter

            TextButton {
                objectName: "joinGroup"
                text: "Join"
                strong: true
                onClicked: card.joined()
            }
            TextButton {
                objectName: "declineGroup"
                text: "Decline"
                onClicked: card.declined()
            }
        }
    }
}
