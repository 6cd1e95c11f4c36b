import QtQuick
import P2pdm
import "../look"

// Above the composer: what is answered or edited, and a way out.
Item {
    id: strip

    required property Writing writing
    readonly property bool editing: writing.mode === "edit"

    objectName: "mode:" + writing.mode
    implicitHeight: quote.implicitHeight + 8

    Icon {
        id: sign
        name: strip.editing ? "edit" : "reply"
        tint: Theme.accent
        anchors.left: parent.left
        anchors.leftMargin: 12
        anchors.verticalCenter: quote.verticalCenter
    }
    Quote {
        id: quote
        sender: ""
        own: true
        name: strip.editing ? "Edit message" : strip.writing.name === "You" ? "Answer yourself" : "Answer " + strip.writing.name
        text: strip.writing.quote
        lines: 1
        ground: Theme.theirs
        anchors.left: sign.right
        anchors.leftMargin: 12
        anchors.right: cross.left
        anchors.rightMargin: 6
        anchors.top: parent.top
        Accessible.role: Accessible.StaticText
        Accessible.name: quote.name + ": " + quote.text
    }
    IconButton {
        id: cross
        objectName: "cancelMode"
        drawing: "close"
        label: strip.editing ? "Leave it as it is (Esc)" : "Don't answer this (Esc)"
        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: quote.verticalCenter
        onClicked: strip.writing.cancel()
    }
}
