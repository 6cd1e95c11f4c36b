import QtQuick
import QtQuick.Controls.Basic
import "../look"

// While the door is locked it covers all there is, and asks for the passphrase.
Popup {
    id: page

    required property bool working
    required property string trouble

    signal tried(string passphrase)
    signal left

    // What was tried was wrong.
    function again(): void {
        passphrase.selectAll();
        passphrase.forceActiveFocus(Qt.OtherFocusReason);
    }

    objectName: "lockPage"
    width: parent ? parent.width : 0
    height: parent ? parent.height : 0
    z: 100
    padding: 0
    modal: true
    dim: false
    focus: true
    closePolicy: Popup.NoAutoClose
    onOpened: passphrase.forceActiveFocus(Qt.OtherFocusReason)
    onClosed: passphrase.clear()

    background: Rectangle {
        color: Theme.side
    }
    contentItem: Item {
        Accessible.role: Accessible.Dialog
        Accessible.name: "p2pdm is locked"

        Shortcut {
            enabled: page.visible // hidden too it would take the keys from the window, and neither would get them
            sequences: ["Ctrl+W", "Ctrl+Q"]
            onActivated: page.left()
        }

        Column {
            width: Math.min(parent.width - 48, 340)
            anchors.horizontalCenter: parent.horizontalCenter
            y: Math.max(24, (parent.height - height) * 0.42)
            spacing: 16

            Rectangle {
                width: 72
                height: 72
                radius: 36
                color: Theme.chosen
                anchors.horizontalCenter: parent.horizontalCenter

                Icon {
                    anchors.centerIn: parent
                    name: "lock"
                    size: 34
                    tint: Theme.accent
                }
            }
            Txt {
                width: parent.width
                text: "Locked"
                font.pixelSize: Theme.big
                font.weight: Font.Bold
                horizontalAlignment: Text.AlignHCenter
            }
            Txt {
                width: parent.width
                text: "Messages still arrive meanwhile."
                color: Theme.muted
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
                lineHeight: 1.2
            }
            Item {
                width: 1
                height: 4
            }
            Field {
                id: passphrase
                objectName: "passphrase"
                width: parent.width
                label: "Passphrase"
                placeholderText: "Passphrase"
                echoMode: TextInput.Password
                inputMethodHints: Qt.ImhSensitiveData | Qt.ImhNoPredictiveText | Qt.ImhNoAutoUppercase
                onAccepted: page.tried(text)
            }
            TextButton {
                objectName: "unlock"
                width: parent.width
                implicitHeight: 44
                strong: true
                text: page.working ? "Unlocking…" : "Unlock"
                enabled: passphrase.text.length > 0 && !page.working
                onClicked: page.tried(passphrase.text)
            }
            Txt {
                objectName: "lockTrouble"
                width: parent.width
                text: page.trouble || " " // the place is kept, so that nothing moves
                color: Theme.danger
                font.pixelSize: Theme.small
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
                lineHeight: 1.15
                Accessible.role: Accessible.AlertMessage
                Accessible.name: page.trouble
            }
        }
    }
}
