import QtQuick
import QtQuick.Controls.Basic
import "../look"

// One contact that can be chosen.
AbstractButton {
    id: line

    required property string key
    required property string name
    required property string status
    required property string picture
    required property bool picked

    signal chosen

    objectName: "pick:" + name
    implicitHeight: Math.max(Theme.sized(48), title.height + 20)
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: name + (status.length > 0 ? ", " + Theme.spoken(status) : "")
    Accessible.checkable: true
    Accessible.checked: picked
    onClicked: chosen()
    Keys.onReturnPressed: chosen()

    background: Rectangle {
        radius: Theme.corner
        color: line.hovered ? Theme.hover : "transparent"
        border.color: Theme.accent
        border.width: line.visualFocus ? 2 : 0
    }
    contentItem: Item {
        Avatar {
            id: face
            size: 32
            identity: line.key
            name: line.name
            picture: line.picture
            status: line.status
            behind: line.hovered ? Theme.hover : Theme.canvas
            anchors.left: parent.left
            anchors.leftMargin: 8
            anchors.verticalCenter: parent.verticalCenter
        }
        Txt {
            id: title
            text: line.name
            elide: Text.ElideRight
            anchors.left: face.right
            anchors.leftMargin: 12
            anchors.right: box.left
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            horizontalAlignment: Text.AlignLeft
        }
        Tick {
            id: box
            on: line.picked
            anchors.right: parent.right
            anchors.rightMargin: 10
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
