import QtQuick
import QtQuick.Controls.Basic
import "../look"

// Back to the latest message; says how many are new there.
AbstractButton {
    id: jump

    required property int fresh

    implicitWidth: 44
    implicitHeight: 44
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.Button
    Accessible.name: fresh > 0 ? "Jump to the latest message, " + fresh + " new" : "Jump to the latest message"

    background: Rectangle {
        radius: 22
        color: jump.hovered ? Theme.hover : Theme.raised
        border.color: jump.visualFocus ? Theme.accent : Theme.line
        border.width: jump.visualFocus ? 2 : 1
    }
    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            name: "down"
            tint: Theme.ink
        }
        Rectangle {
            visible: jump.fresh > 0
            anchors.horizontalCenter: parent.horizontalCenter
            anchors.verticalCenter: parent.top
            width: Math.max(20, number.implicitWidth + 12)
            height: 20
            radius: 10
            color: Theme.accent

            Txt {
                id: number
                objectName: "fresh"
                anchors.centerIn: parent
                text: jump.fresh
                color: Theme.accentInk
                font.pixelSize: 12
                font.weight: Font.Bold
            }
        }
    }
}
