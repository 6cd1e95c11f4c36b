import QtQuick
import P2pdm
import "../look"

// The passphrase that the window asks for, and after what time it does.
Labelled {
    id: setting

    required property Lock lock
    property bool choosing: false
    readonly property bool equal: first.text === second.text

    function finish(): void {
        if (!equal || first.text.length === 0)
            return;
        lock.set(first.text);
        choosing = false;
    }
    onChoosingChanged: {
        first.clear();
        second.clear();
        if (choosing)
            first.forceActiveFocus(Qt.OtherFocusReason);
    }

    title: "App lock"
    hint: lock.there ? "It keeps others out while the computer is on, and after each start. It encrypts nothing." : "With a passphrase, nobody else reads here while you are away from the computer."

    Flow {
        visible: !setting.choosing
        width: parent.width
        spacing: 8

        TextButton {
            objectName: "lockNow"
            visible: setting.lock.there
            text: "Lock now"
            onClicked: setting.lock.lock()
        }
        TextButton {
            objectName: "lockIdle"
            visible: setting.lock.there
            text: "By itself: " + (setting.lock.idle_words === "Never" ? "never" : "after " + setting.lock.idle_words)
            onClicked: minutes.ask("Lock by itself", "After so long in which nothing was written or clicked here.", setting.lock.minutes(), minutes => setting.lock.wait(minutes))
        }
        TextButton {
            objectName: "lockSet"
            text: setting.lock.there ? "Other passphrase" : "Set a passphrase"
            enabled: !setting.lock.working
            onClicked: setting.choosing = true
        }
        TextButton {
            objectName: "lockRemove"
            visible: setting.lock.there
            text: "Remove"
            grave: true
            onClicked: setting.lock.set("")
        }
    }
    Field {
        id: first
        objectName: "newPassphrase"
        visible: setting.choosing
        width: parent.width
        label: "New passphrase"
        placeholderText: "New passphrase"
        echoMode: TextInput.Password
        inputMethodHints: Qt.ImhSensitiveData | Qt.ImhNoPredictiveText | Qt.ImhNoAutoUppercase
        onAccepted: second.forceActiveFocus(Qt.TabFocusReason)
    }
    Field {
        id: second
        objectName: "samePassphrase"
        visible: setting.choosing
        width: parent.width
        label: "The same once more"
        placeholderText: "The same once more"
        echoMode: TextInput.Password
        inputMethodHints: first.inputMethodHints
        onAccepted: setting.finish()
    }
    Txt {
        visible: setting.choosing
        width: parent.width
        text: second.text.length > 0 && !setting.equal ? "These two differ." : "Nobody can tell it to you if you forget it."
        color: second.text.length > 0 && !setting.equal ? Theme.danger : Theme.muted
        font.pixelSize: Theme.tiny
        wrapMode: Text.Wrap
    }
    Row {
        visible: setting.choosing
        spacing: 8

        TextButton {
            objectName: "lockDone"
            text: "Lock with it"
            strong: true
            enabled: setting.equal && first.text.length > 0
            onClicked: setting.finish()
        }
        TextButton {
            text: "Cancel"
            onClicked: setting.choosing = false
        }
    }
    Txt {
        visible: text.length > 0
        width: parent.width
        text: setting.lock.trouble
        color: Theme.danger
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
    }
    OptionSheet {
        id: minutes
    }
}
