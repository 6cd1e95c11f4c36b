import QtQuick
import QtQuick.Controls.Basic
import "../look"

// The user, at the top of the list; opens the own profile.
AbstractButton {
    id: own

    required property string identity
    required property string name

    implicitHeight: 48
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.Button
    Accessible.name: "You, " + name + ": your profile"

    background: Rectangle {
        radius: Theme.corner
        color: own.hovered ? Theme.hover : "transparent"
        border.color: Theme.accent
        border.width: own.visualFocus ? 2 : 0
    }
    contentItem: Item {
        Avatar {
            id: picture
            size: 32
            identity: own.identity
            name: own.name
            anchors.left: parent.left
            anchors.leftMargin: 8
            anchors.verticalCenter: parent.verticalCenter
        }
        Txt {
            text: own.name
            font.pixelSize: Theme.title
            font.weight: Font.Bold
            elide: Text.ElideRight
            anchors.left: picture.right
            anchors.leftMargin: 10
            anchors.right: parent.right
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
