import QtQuick
import P2pdm
import "../look"

// One person: who they are, whether they are who they seem to be, and what the user can do about them.
PanelFrame {
    id: panel

    required property Card card
    required property Roster roster

    signal copied(string text)
    signal writing

    title: "About"

    Column {
        width: parent.width
        spacing: 4

        Avatar {
            size: 88
            identity: panel.card.id
            name: panel.card.name
            picture: panel.card.picture
            status: panel.card.status
            behind: Theme.canvas
            anchors.horizontalCenter: parent.horizontalCenter
        }
        Item {
            width: 1
            height: 6
        }
        Txt {
            width: parent.width
            text: panel.card.name
            font.pixelSize: Math.round(Theme.title * 1.2)
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
        Txt {
            visible: panel.card.nickname.length > 0
            width: parent.width
            text: "calls themselves " + panel.card.own_name
            color: Theme.muted
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            elide: Text.ElideRight
        }
        Txt {
            objectName: "work"
            visible: text.length > 0
            width: parent.width
            text: panel.card.work
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
        Txt {
            objectName: "cardPresence"
            width: parent.width
            text: panel.card.presence
            color: Theme.muted
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
    }
    Labelled {
        width: parent.width
        title: "Safety number"
        hint: panel.card.verified ? "" : "Read it to each other, in person or on the phone. If both see the same digits, nobody sits between you."

        SafetyDigits {
            visible: panel.card.number.length > 0
            width: parent.width
            number: panel.card.number
        }
        Row {
            visible: panel.card.verified
            spacing: 8

            Icon {
                name: "shield"
                tint: Theme.accent
                anchors.verticalCenter: parent.verticalCenter
            }
            Txt {
                objectName: "verified"
                text: "You have compared it: this is " + panel.card.name
                color: Theme.accent
                font.pixelSize: Theme.small
                font.weight: Font.DemiBold
                width: Math.min(implicitWidth, panel.width - 72)
                wrapMode: Text.Wrap
                anchors.verticalCenter: parent.verticalCenter
            }
        }
        TextButton {
            objectName: "match"
            visible: !panel.card.verified && panel.card.number.length > 0
            text: "They match"
            strong: true
            width: parent.width
            onClicked: panel.card.verify()
        }
        Txt {
            visible: panel.card.mismatch.length > 0
            width: parent.width
            text: panel.card.mismatch
            color: Theme.danger
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
        }
    }
    Labelled {
        width: parent.width
        title: "Your name for them"

        Field {
            id: nickname
            objectName: "nickname"
            width: parent.width
            label: "Your name for " + panel.card.own_name
            placeholderText: panel.card.own_name
            text: panel.card.nickname
            onEditingFinished: if (text !== panel.card.nickname)
                panel.roster.nickname(panel.card.id, text)
        }
    }
    Labelled {
        width: parent.width
        title: "Id"
        hint: panel.card.address ? "Last reached at " + panel.card.address : ""

        Copyable {
            width: parent.width
            label: "id"
            text: panel.card.id
            onCopied: text => panel.copied(text)
        }
    }
    Column {
        width: parent.width
        spacing: 10

        TextButton {
            objectName: "blockOrNot"
            width: parent.width
            text: panel.card.relation === "blocked" ? "Unblock" : "Block"
            onClicked: panel.card.relation === "blocked" ? panel.roster.unblock(panel.card.id) : panel.roster.block(panel.card.id)
        }
        SureButton {
            objectName: "forget"
            width: parent.width
            text: "Forget"
            question: "Forget " + panel.card.name + " and remove the whole chat from this computer? It can't be brought back."
            answer: "Forget"
            onAsked: panel.toEnd()
            onDecided: panel.roster.forget(panel.card.id)
        }
    }
}
