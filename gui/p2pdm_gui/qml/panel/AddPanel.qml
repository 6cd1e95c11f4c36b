import QtQuick
import P2pdm
import "../look"

// Reaching somebody who does not appear by themselves: with their invitation, or by handing out one's own.
PanelFrame {
    id: panel

    required property Roster roster
    required property Account account
    property string refusal: ""

    signal copied(string text)

    function focusField(): void {
        link.forceActiveFocus(Qt.OtherFocusReason);
    }

    title: "Add someone"
    Component.onCompleted: {
        account.look();
        focusField();
    }

    Connections {
        target: panel.roster
        function onRefused(sentence: string): void {
            panel.refusal = sentence;
        }
    }
    Txt {
        width: parent.width
        text: "People on this network appear in the list by themselves. For anybody else, use an invitation."
        color: Theme.muted
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
    Labelled {
        width: parent.width
        title: "Their invitation"

        Field {
            id: link
            objectName: "link"
            width: parent.width
            label: "Their invitation"
            placeholderText: "p2pdm:…"
            onTextEdited: panel.refusal = ""
            onAccepted: panel.roster.join(text)
        }
        Txt {
            objectName: "refusal"
            visible: text.length > 0
            width: parent.width
            text: panel.refusal
            color: Theme.danger
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
        TextButton {
            objectName: "join"
            text: panel.roster.joining ? "Reaching them…" : "Join"
            strong: true
            enabled: link.text.trim().length > 0 && !panel.roster.joining
            width: parent.width
            onClicked: panel.roster.join(link.text)
        }
    }
    Labelled {
        width: parent.width
        title: "Your invitation"
        hint: "Hand it to them by any other way; it works as long as this computer keeps its address."

        Copyable {
            width: parent.width
            label: "invitation"
            text: panel.account.invite
            onCopied: text => panel.copied(text)
        }
    }
}
