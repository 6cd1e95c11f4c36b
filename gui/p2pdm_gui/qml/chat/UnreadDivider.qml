import QtQuick
import "../look"

// What follows is new.
Item {
    implicitHeight: name.implicitHeight + 16

    Rectangle {
        height: 1
        color: Theme.accent
        opacity: 0.35
        anchors.left: parent.left
        anchors.right: name.left
        anchors.leftMargin: 20
        anchors.rightMargin: 12
        anchors.verticalCenter: parent.verticalCenter
    }
    Txt {
        id: name
        anchors.centerIn: parent
        text: "New messages"
        color: Theme.accent
        font.pixelSize: Theme.tiny
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Separator
        Accessible.name: text
    }
    Rectangle {
        height: 1
        color: Theme.accent
        opacity: 0.35
        anchors.left: name.right
        anchors.right: parent.right
        anchors.leftMargin: 12
        anchors.rightMargin: 20
        anchors.verticalCenter: parent.verticalCenter
    }
}
