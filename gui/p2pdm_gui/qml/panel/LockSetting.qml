import QtQuick
import P2pdm
import "../look"

// The passphrase that the window asks for, and after what time it does.
Labelled {
    id: setting

    required property Lock lock
    property bool choosing: false
    property bool removing: false
    readonly property bool asking: choosing || removing
    readonly property bool ready: (!lock.there || old.text.length > 0) && (removing || (first.text === second.text && first.text.length > 0))

    function finish(): void {
        if (ready && !lock.working)
            lock.set(removing ? "" : first.text, old.text);
    }
    function cancel(): void {
        choosing = false;
        removing = false;
    }
    onAskingChanged: {
        old.clear();
        first.clear();
        second.clear();
        if (asking)
            (lock.there ? old : first).forceActiveFocus(Qt.OtherFocusReason);
    }

    Connections {
        target: setting.lock

        function onSettled() {
            setting.cancel();
        }
    }

    title: "App lock"
    hint: lock.there ? "It keeps others out while the computer is on, and after each start. It encrypts nothing." : "With a passphrase, nobody else reads here while you are away from the computer."

    Flow {
        visible: !setting.asking
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
            enabled: !setting.lock.working
            onClicked: setting.removing = true
        }
    }
    Field {
        id: old
        objectName: "oldPassphrase"
        visible: setting.asking && setting.lock.there
        width: parent.width
        label: "Passphrase until now"
        placeholderText: "Passphrase until now"
        echoMode: TextInput.Password
        inputMethodHints: first.inputMethodHints
        onAccepted: setting.removing ? setting.finish() : first.forceActiveFocus(Qt.TabFocusReason)
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
        readonly property bool differ: second.text.length > 0 && first.text !== second.text

        visible: setting.choosing
        width: parent.width
        text: differ ? "These two differ." : "Nobody can tell it to you if you forget it."
        color: differ ? Theme.danger : Theme.muted
        font.pixelSize: Theme.tiny
        wrapMode: Text.Wrap
    }
    Row {
        visible: setting.asking
        spacing: 8

        TextButton {
            objectName: "lockDone"
            text: setting.removing ? "Remove the lock" : "Lock with it"
            strong: !setting.removing
            grave: setting.removing
            enabled: setting.ready && !setting.lock.working
            onClicked: setting.finish()
        }
        TextButton {
            text: "Cancel"
            onClicked: setting.cancel()
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
