pragma ComponentBehavior: Bound

import QtQuick
import P2pdm
import "../look"

// The user's own profile, and how the window looks.
PanelFrame {
    id: panel

    required property Account account
    required property Looks looks

    signal copied(string text)

    title: "You"
    Component.onCompleted: account.look()

    Avatar {
        size: 88
        identity: panel.account.id
        name: panel.account.name
        anchors.horizontalCenter: parent ? parent.horizontalCenter : undefined
    }
    Labelled {
        width: parent.width
        title: "Your name"
        hint: "Others on this network see it at once."

        Field {
            objectName: "ownName"
            width: parent.width
            label: "Your name"
            text: panel.account.name
            maximumLength: 60
            onEditingFinished: panel.account.rename(text)
        }
    }
    Labelled {
        width: parent.width
        title: "Invitation"
        hint: "Whoever opens it reaches this computer directly, and knows that it is you."

        Rectangle {
            visible: picture.source.toString().length > 0
            width: picture.implicitWidth + 16
            height: width
            radius: Theme.corner
            color: "#ffffff"
            border.color: Theme.line
            anchors.horizontalCenter: parent.horizontalCenter

            Image {
                id: picture
                anchors.centerIn: parent
                smooth: false
                source: panel.account.invite ? panel.account.qr() : ""
                Accessible.role: Accessible.Graphic
                Accessible.name: "Your invitation as a QR code"
            }
        }
        Copyable {
            width: parent.width
            label: "invitation"
            text: panel.account.invite
            onCopied: text => panel.copied(text)
        }
    }
    Labelled {
        width: parent.width
        title: "Fingerprint"

        Copyable {
            width: parent.width
            label: "fingerprint"
            text: panel.account.fingerprint
            onCopied: text => panel.copied(text)
        }
    }
    Labelled {
        width: parent.width
        title: "Id"

        Copyable {
            width: parent.width
            label: "id"
            text: panel.account.id
            onCopied: text => panel.copied(text)
        }
    }
    Labelled {
        width: parent.width
        title: "Look"

        Choice {
            width: parent.width
            words: ["system", "light", "dark"]
            chosen: panel.looks.mode
            onPicked: word => panel.looks.choose(word)
        }
        Row {
            spacing: 8

            IconButton {
                drawing: "less"
                label: "Smaller text (Ctrl+−)"
                enabled: panel.looks.scale > 80
                onClicked: panel.looks.resize(panel.looks.scale - 10)
            }
            Txt {
                text: "Text size " + panel.looks.scale + " %"
                font.pixelSize: Theme.small
                anchors.verticalCenter: parent.verticalCenter
            }
            IconButton {
                drawing: "add"
                label: "Bigger text (Ctrl++)"
                enabled: panel.looks.scale < 200
                onClicked: panel.looks.resize(panel.looks.scale + 10)
            }
        }
    }
    Labelled {
        visible: panel.account.trouble.length > 0
        width: parent.width
        title: "To know"

        Repeater {
            model: panel.account.trouble

            Txt {
                required property string modelData
                width: panel.width - 40
                text: modelData
                color: Theme.warn
                font.pixelSize: Theme.small
                wrapMode: Text.Wrap
                lineHeight: 1.15
            }
        }
    }
    Txt {
        width: parent.width
        text: panel.account.place + "\np2pdm " + panel.account.version
        color: Theme.faint
        font.pixelSize: Theme.tiny
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
}
