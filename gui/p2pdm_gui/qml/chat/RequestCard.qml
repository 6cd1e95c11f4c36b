import QtQuick
import P2pdm
import "../look"

// Somebody new wants to write: what they say, and the three answers.
Rectangle {
    id: card

    required property Partner partner

    signal accepted
    signal declined
    signal blocked

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
        spacing: 16

        Avatar {
            size: 72
            identity: card.partner.person
            name: card.partner.name
            picture: card.partner.picture
            status: card.partner.status
            behind: Theme.card
            anchors.horizontalCenter: parent.horizontalCenter
        }
        Txt {
            width: parent.width
            text: card.partner.name + " would like to write to you"
            font.pixelSize: Theme.title
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
        Rectangle {
            width: parent.width
            height: said.height + 24
            radius: 16
            color: Theme.theirs

            Txt {
                id: said
                objectName: "request"
                x: 14
                y: 12
                width: parent.width - 28
                text: card.partner.request
                wrapMode: Text.Wrap
                lineHeight: 1.12
                Accessible.role: Accessible.StaticText
                Accessible.name: card.partner.name + ": " + text
            }
        }
        Txt {
            width: parent.width
            text: "They can't see when you are here, or whether you have read this, until you accept. They are not told if you don't."
            color: Theme.muted
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
        Flow {
            id: answers
            spacing: 8
            width: Math.min(parent.width, accept.width + decline.width + block.width + 16)
            anchors.horizontalCenter: parent.horizontalCenter

            TextButton {
                id: accept
                objectName: "accept"
                text: "Accept"
                strong: true
                onClicked: card.accepted()
            }
            TextButton {
                id: decline
                objectName: "decline"
                text: "Decline"
                onClicked: card.declined()
            }
            TextButton {
                id: block
                objectName: "block"
                text: "Block"
                grave: true
                onClicked: card.blocked()
            }
        }
    }
}
