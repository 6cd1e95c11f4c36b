import QtQuick
import QtQuick.Controls.Basic
import "../look"

// The small print of a bubble: pinned, edited, when, and how far it came.
Row {
    id: meta

    required property string clock
    required property string stage
    required property bool mine
    required property bool pinned
    required property bool edited
    required property bool unsent
    property bool detailed: false
    readonly property color ink: mine && !unsent ? Theme.mineMuted : Theme.muted

    signal versionsAsked
    signal statesAsked

    spacing: 4

    Icon {
        objectName: "pinned"
        visible: meta.pinned
        name: "pin"
        size: 14
        weight: 2
        tint: meta.ink
        anchors.verticalCenter: parent.verticalCenter
    }
    AbstractButton {
        id: edited
        objectName: "edited"
        visible: meta.edited
        hoverEnabled: true
        focusPolicy: Qt.NoFocus
        text: "edited"
        anchors.verticalCenter: parent.verticalCenter
        Accessible.role: Accessible.Button
        Accessible.name: "Edited: what it said before"
        onClicked: meta.versionsAsked()

        HoverHandler {
            cursorShape: Qt.PointingHandCursor
        }
        Tip {
            visible: edited.hovered
            text: "What it said before"
        }
        contentItem: Txt {
            text: edited.text
            color: meta.ink
            font.pixelSize: Theme.tiny
            font.underline: edited.hovered
        }
    }
    Txt {
        text: meta.clock
        color: meta.ink
        font.pixelSize: Theme.tiny
        anchors.verticalCenter: parent.verticalCenter
    }
    StateSign {
        objectName: "stateSign"
        visible: meta.mine && !meta.unsent
        stage: meta.stage
        tint: meta.stage === "read" ? Theme.accent : meta.stage === "failed" ? Theme.danger : meta.ink
        anchors.verticalCenter: parent.verticalCenter

        HoverHandler {
            id: over
            enabled: meta.detailed
            cursorShape: Qt.PointingHandCursor
        }
        TapHandler {
            enabled: meta.detailed
            margin: 6
            onTapped: meta.statesAsked()
        }
        Tip {
            visible: over.hovered
            text: "Who has it"
        }
    }
}
