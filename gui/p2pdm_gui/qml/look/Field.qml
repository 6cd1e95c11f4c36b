import QtQuick
import QtQuick.Controls.Basic

// One line to write in.
TextField {
    id: field

    required property string label
    property string drawing: ""

    implicitHeight: Math.max(40, contentHeight + 20)
    leftPadding: drawing ? Theme.sized(18) + 22 : 14
    rightPadding: 14
    font.pixelSize: Theme.body
    color: Theme.ink
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentInk
    placeholderTextColor: Theme.faint
    selectByMouse: true
    Accessible.role: Accessible.EditableText
    Accessible.name: label

    background: Rectangle {
        radius: Theme.corner
        color: Theme.card
        border.color: field.activeFocus ? Theme.accent : Theme.line
        border.width: field.activeFocus ? 2 : 1

        Icon {
            visible: field.drawing.length > 0
            name: field.drawing || "search"
            size: 18
            tint: Theme.faint
            anchors.verticalCenter: parent.verticalCenter
            anchors.left: parent.left
            anchors.leftMargin: 13
        }
    }
}
