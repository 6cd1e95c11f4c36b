import QtQuick
import QtQuick.Controls.Basic
import "../look"

// One room: a click shows it, and enters it first if need be.
AbstractButton {
    id: line

    required property string key
    required property string name
    required property string line
    required property bool entered
    required property bool announcement
    required property bool lobby

    signal chosen
    signal departed

    objectName: "room:" + name
    implicitHeight: Math.max(Theme.sized(60), words.height + 20)
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: name + ", " + line + (entered ? ", you are in it" : "")
    Accessible.onPressAction: line.chosen()
    onClicked: chosen()
    Keys.onReturnPressed: chosen()

    background: Rectangle {
        radius: Theme.corner
        color: line.hovered ? Theme.hover : "transparent"
        border.color: Theme.accent
        border.width: line.visualFocus ? 2 : 0
    }
    contentItem: Item {
        GroupAvatar {
            id: face
            size: 36
            identity: line.key
            name: line.name
            room: true
            announcement: line.announcement
            anchors.left: parent.left
            anchors.leftMargin: 12
            anchors.verticalCenter: parent.verticalCenter
        }
        Column {
            id: words
            anchors.left: face.right
            anchors.leftMargin: 12
            anchors.right: act.left
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            spacing: 1

            Txt {
                width: parent.width
                text: line.name
                font.weight: Font.DemiBold
                elide: Text.ElideRight
                horizontalAlignment: Text.AlignLeft
            }
            Txt {
                width: parent.width
                text: line.line
                color: Theme.muted
                font.pixelSize: Theme.tiny
                wrapMode: Text.Wrap
                horizontalAlignment: Text.AlignLeft
            }
        }
        TextButton {
            id: act
            objectName: (line.entered ? "leave:" : "enter:") + line.name
            text: line.entered ? "Leave" : "Enter"
            strong: !line.entered
            Accessible.name: text + " " + line.name
            anchors.right: parent.right
            anchors.rightMargin: 10
            anchors.verticalCenter: parent.verticalCenter
            onClicked: line.entered ? line.departed() : line.chosen()
        }
    }
}
