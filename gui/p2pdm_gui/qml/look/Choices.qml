import QtQuick
import QtQuick.Controls.Basic

// What can be done with the thing that was clicked.
Menu {
    id: choices

    padding: 4
    implicitWidth: 180

    background: Rectangle {
        radius: Theme.corner
        color: Theme.raised
        border.color: Theme.line
    }
    delegate: MenuItem {
        id: item

        implicitHeight: 36

        background: Rectangle {
            radius: 8
            color: item.highlighted ? Theme.hover : "transparent"
        }
        contentItem: Txt {
            text: item.text
            leftPadding: 8
            font.pixelSize: Theme.small
            verticalAlignment: Text.AlignVCenter
        }
    }
}
