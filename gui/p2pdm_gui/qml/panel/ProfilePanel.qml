pragma ComponentBehavior: Bound

import QtQuick
import P2pdm
import "../look"

// The user's own profile, and how the window looks.
PanelFrame {
    id: panel

    required property Account account
    required property Oneself oneself
    required property Care care
    required property Lock lock
    required property Looks looks

    signal copied(string text)
    signal keysAsked

    title: "You"
    Component.onCompleted: {
        account.look();
        lock.look();
    }

    OwnPicture {
        width: parent.width
        account: panel.account
        oneself: panel.oneself
    }
    Labelled {
        width: parent.width
        title: "Your status"
        hint: panel.oneself.presence ? "After ten minutes without a key or a click here, “available” turns into “away” by itself." : "Nobody sees it while your presence is hidden."

        StatusChoice {
            width: parent.width
            chosen: panel.oneself.status
            onPicked: status => panel.oneself.be(status, words.text)
        }
        Field {
            id: words
            objectName: "statusText"
            width: parent.width
            label: "What others see beside your status"
            placeholderText: "In a meeting until 3"
            text: panel.oneself.status_text
            maximumLength: 80
            onEditingFinished: panel.oneself.be(panel.oneself.status, text)
        }
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
        title: "Your role"

        Field {
            id: role
            objectName: "role"
            width: parent.width
            label: "Your role"
            placeholderText: "Head of everything"
            text: panel.oneself.role
            maximumLength: 64
            onEditingFinished: panel.oneself.work(department.text, text)
        }
    }
    Labelled {
        width: parent.width
        title: "Your department"

        Field {
            id: department
            objectName: "department"
            width: parent.width
            label: "Your department"
            placeholderText: "Human Resources"
            text: panel.oneself.department
            maximumLength: 64
            onEditingFinished: panel.oneself.work(text, role.text)
        }
    }
    Labelled {
        width: parent.width
        title: "What others get to know"

        Column {
            x: -8
            width: parent.width + 16

            SwitchRow {
                objectName: "receipts"
                width: parent.width
                text: "What you have read"
                about: "Off: you don't see what others have read either."
                on: panel.oneself.receipts
                onTurned: on => panel.oneself.turn("receipts", on)
            }
            SwitchRow {
                objectName: "typing"
                width: parent.width
                text: "When you type"
                about: "Off: you don't see when others type either."
                on: panel.oneself.typing
                onTurned: on => panel.oneself.turn("typing", on)
            }
            SwitchRow {
                objectName: "presence"
                width: parent.width
                text: "Whether you are here"
                about: "Off: you look offline, and messages arrive all the same."
                on: panel.oneself.presence
                onTurned: on => panel.oneself.turn("presence", on)
            }
            SwitchRow {
                objectName: "lobby"
                width: parent.width
                text: "That you are in the lobby"
                about: "Off: you are not in the room that everybody on this network shares."
                on: panel.oneself.lobby
                onTurned: on => panel.oneself.turn("lobby", on)
            }
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
        TextButton {
            objectName: "keys"
            text: "What the keys do"
            onClicked: panel.keysAsked()
        }
    }
    LockSetting {
        width: parent.width
        lock: panel.lock
    }
    KeepSetting {
        width: parent.width
        care: panel.care
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
