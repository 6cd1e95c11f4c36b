import QtQuick
import QtQuick.Controls.Basic
import "../look"

// The user, at the top of the list; opens the own profile.
AbstractButton {
    id: own

    required property string identity
    required property string name
    required property string picture
    required property string status

    implicitHeight: Math.max(48, face.height + 16)
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()
    Accessible.role: Accessible.Button
    Accessible.name: "You, " + name + (status.length > 0 ? ", " + Theme.spoken(status) : "") + ": your profile"

    background: Rectangle {
        radius: Theme.corner
        color: own.hovered ? Theme.hover : "transparent"
        border.color: Theme.accent
        border.width: own.visualFocus ? 2 : 0
    }
    contentItem: Item {
        Avatar {
            id: face
            size: 32
            identity: own.identity
            name: own.name
            picture: own.picture
            status: own.status
            behind: own.hovered ? Theme.hover : Theme.side
            anchors.left: parent.left
            anchors.leftMargin: 8
            anchors.verticalCenter: parent.verticalCenter
        }
        Txt {
            text: own.name
            font.pixelSize: Theme.title
            font.weight: Font.Bold
            elide: Text.ElideRight
            anchors.left: face.right
            anchors.leftMargin: 10
            anchors.right: parent.right
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
