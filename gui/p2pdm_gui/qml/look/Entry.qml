import QtQuick
import QtQuick.Controls.Basic

// One line of a menu; not `offered`, it takes no room and the arrow keys pass it by.
MenuItem {
    id: entry

    property string drawing: ""
    property bool offered: true
    property bool grave: false
    readonly property color ink: grave ? Theme.danger : Theme.ink

    visible: offered
    enabled: offered
    height: offered ? implicitHeight : 0
    implicitHeight: Math.max(36, word.implicitHeight + 14)
    leftPadding: 8
    rightPadding: 12
    Accessible.role: Accessible.MenuItem
    Accessible.name: text

    background: Rectangle {
        radius: 8
        color: entry.highlighted ? (entry.grave ? Theme.dangerBack : Theme.hover) : "transparent"
    }
    contentItem: Item {
        implicitWidth: word.implicitWidth + (entry.drawing ? sign.width + 12 : 0)

        Icon {
            id: sign
            visible: entry.drawing.length > 0
            name: entry.drawing || "more"
            size: 18
            tint: entry.grave ? Theme.danger : Theme.muted
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
        }
        Txt {
            id: word
            text: entry.text
            color: entry.ink
            font.pixelSize: Theme.small
            anchors.left: sign.visible ? sign.right : parent.left
            anchors.leftMargin: sign.visible ? 12 : 0
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
