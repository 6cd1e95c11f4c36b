import QtQuick
import QtQuick.Controls.Basic

// A button with only a drawing: its name is said to screen readers and shown as a tip.
AbstractButton {
    id: button

    required property string drawing
    required property string label
    property color tint: Theme.muted
    property color back: "transparent"
    property real size: 36
    readonly property int side: Theme.sized(size)

    implicitWidth: side
    implicitHeight: side
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.Button
    Accessible.name: label
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    Tip {
        visible: button.hovered
        text: button.label
    }
    background: Rectangle {
        radius: button.side / 2
        color: button.back.a > 0 ? button.back : button.down || button.hovered ? Theme.hover : "transparent"
        opacity: button.enabled ? (button.back.a > 0 && button.hovered ? 0.88 : 1) : 0.4
        border.color: Theme.accent
        border.width: button.visualFocus ? 2 : 0
    }
    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            name: button.drawing
            tint: button.tint
            opacity: button.enabled ? 1 : 0.5
        }
    }
}
