pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import P2pdm
import "../look"

// Where one writes. Enter sends, Shift+Enter begins a new line, Up in an empty field edits the last own message.
Item {
    id: composer

    required property Conversation conversation
    readonly property Writing writing: conversation.writing
    readonly property bool filled: input.text.trim().length > 0
    property bool loading: false

    signal endAsked

    function focusInput(): void {
        input.forceActiveFocus(Qt.OtherFocusReason);
    }
    function send(): void {
        if (!filled)
            return;
        const text = input.text;
        loading = true;
        input.clear();
        loading = false;
        writing.send(text);
    }

    implicitHeight: mode.room + ground.height + 24

    Connections {
        target: composer.writing
        function onPut(text: string): void {
            composer.loading = true;
            input.text = text;
            input.cursorPosition = input.length;
            composer.loading = false;
        }
    }
    Loader {
        id: mode

        readonly property real room: item !== null ? (item as WritingMode).implicitHeight : 0

        active: composer.writing.mode.length > 0
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: 16
        anchors.rightMargin: 16
        y: 8
        sourceComponent: WritingMode {
            writing: composer.writing
        }
    }
    Rectangle {
        id: ground
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: 16
        anchors.rightMargin: 16
        y: 8 + mode.room
        height: Math.min(flick.contentHeight, 8 * Theme.body * 1.4) + 2
        radius: 22
        color: Theme.card
        border.color: input.activeFocus ? Theme.accent : Theme.line
        border.width: input.activeFocus ? 2 : 1

        Flickable {
            id: flick
            anchors.fill: parent
            anchors.margins: 1
            anchors.rightMargin: go.width + 18
            clip: true
            contentWidth: width
            contentHeight: input.implicitHeight
            boundsBehavior: Flickable.StopAtBounds
            interactive: contentHeight > height

            TextArea.flickable: TextArea {
                id: input
                objectName: "composer"
                placeholderText: "Message " + composer.conversation.partner.name
                placeholderTextColor: Theme.faint
                color: Theme.ink
                selectionColor: Theme.accent
                selectedTextColor: Theme.accentInk
                font.pixelSize: Theme.body
                wrapMode: TextEdit.Wrap
                textFormat: TextEdit.PlainText
                leftPadding: 18
                rightPadding: 4
                topPadding: Theme.sized(11)
                bottomPadding: Theme.sized(11)
                background: null
                Accessible.name: placeholderText
                Accessible.multiLine: true
                onTextChanged: if (!composer.loading)
                    composer.writing.typed(text)
                // Tab goes on from here, as anywhere: it writes nothing.
                Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
                Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
                Keys.onPressed: event => {
                    const enter = event.key === Qt.Key_Return || event.key === Qt.Key_Enter;
                    if (enter && !(event.modifiers & Qt.ShiftModifier)) {
                        event.accepted = true;
                        composer.send();
                    } else if (event.key === Qt.Key_Up && event.modifiers === Qt.NoModifier && input.length === 0 && composer.writing.mode.length === 0) {
                        event.accepted = true;
                        composer.conversation.edit_last();
                    } else if (event.key === Qt.Key_End && event.modifiers & Qt.ControlModifier && input.cursorPosition === input.length) {
                        event.accepted = true;
                        composer.endAsked();
                    }
                }
            }
        }
        IconButton {
            id: go
            objectName: "send"
            drawing: composer.writing.mode === "edit" ? "tick" : "send"
            label: composer.writing.mode === "edit" ? "Save (Enter)" : "Send (Enter)"
            enabled: composer.filled
            tint: composer.filled ? Theme.accentInk : Theme.faint
            back: composer.filled ? Theme.accent : "transparent"
            anchors.right: parent.right
            anchors.rightMargin: 5
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 5
            size: 34
            onClicked: {
                composer.send();
                composer.focusInput();
            }
        }
    }
}
