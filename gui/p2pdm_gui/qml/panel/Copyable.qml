import QtQuick
import "../look"

// Something long to hand on: shown whole, copied with one click.
Rectangle {
    id: copyable

    required property string label
    required property string text
    property int lines: 4

    signal copied(string text)

    implicitHeight: Math.max(44, words.height + 24)
    radius: Theme.corner
    color: Theme.card
    border.color: Theme.line

    Txt {
        id: words
        text: copyable.text
        font.family: "monospace"
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        maximumLineCount: copyable.lines
        elide: Text.ElideRight
        lineHeight: 1.15
        anchors.left: parent.left
        anchors.leftMargin: 14
        anchors.right: copy.left
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        Accessible.role: Accessible.StaticText
        Accessible.name: copyable.label + ": " + copyable.text
    }
    IconButton {
        id: copy
        drawing: "copy"
        label: "Copy " + copyable.label
        anchors.right: parent.right
        anchors.rightMargin: 5
        anchors.verticalCenter: parent.verticalCenter
        onClicked: copyable.copied(copyable.text)
    }
}
