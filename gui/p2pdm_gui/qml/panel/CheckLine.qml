import QtQuick
import QtQuick.Controls.Basic
import "../look"

// Something that is so or not.
AbstractButton {
    id: line

    property string about: ""

    checkable: true
    implicitHeight: words.height + 12
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.description: about
    Accessible.checkable: true
    Accessible.checked: checked
    Keys.onReturnPressed: toggle()

    background: Rectangle {
        radius: Theme.corner
        color: "transparent"
        border.color: Theme.accent
        border.width: line.visualFocus ? 2 : 0
    }
    contentItem: Item {
        Tick {
            id: box
            on: line.checked
            anchors.left: parent.left
            anchors.leftMargin: 4
            anchors.verticalCenter: parent.verticalCenter
        }
        Column {
            id: words
            anchors.left: box.right
            anchors.leftMargin: 12
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: 1

            Txt {
                width: parent.width
                text: line.text
                font.pixelSize: Theme.small
                wrapMode: Text.Wrap
                horizontalAlignment: Text.AlignLeft
            }
            Txt {
                visible: line.about.length > 0
                width: parent.width
                text: line.about
                color: Theme.muted
                font.pixelSize: Theme.tiny
                wrapMode: Text.Wrap
                horizontalAlignment: Text.AlignLeft
            }
        }
    }
}
