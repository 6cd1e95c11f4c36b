import QtQuick
import QtQuick.Controls.Basic
import "../look"

// Back to the latest message; says how many are new there.
AbstractButton {
    id: jump

    required property int fresh

    implicitWidth: Theme.sized(44)
    implicitHeight: implicitWidth
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()
    Accessible.role: Accessible.Button
    Accessible.name: fresh > 0 ? "Jump to the latest message, " + fresh + " new" : "Jump to the latest message"

    background: Rectangle {
        radius: height / 2
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
            width: Math.max(height, number.implicitWidth + 12)
            height: Theme.sized(20)
            radius: height / 2
            color: Theme.accent

            Txt {
                id: number
                objectName: "fresh"
                anchors.centerIn: parent
                text: jump.fresh
                color: Theme.accentInk
                font.pixelSize: Theme.tiny
                font.weight: Font.Bold
            }
        }
    }
}
