import QtQuick
import QtQuick.Controls.Basic
import "../look"

// Something that is on or off, and what that means.
AbstractButton {
    id: row

    required property string about
    required property bool on

    signal turned(bool on)

    implicitHeight: words.height + 16
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.description: about
    Accessible.checkable: true
    Accessible.checked: on
    onClicked: turned(!on)

    background: Rectangle {
        radius: Theme.corner
        color: row.hovered ? Theme.hover : "transparent"
        border.color: Theme.accent
        border.width: row.visualFocus ? 2 : 0
    }
    contentItem: Item {
        Column {
            id: words
            anchors.left: parent.left
            anchors.leftMargin: 8
            anchors.right: track.left
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            spacing: 1

            Txt {
                width: parent.width
                text: row.text
                font.pixelSize: Theme.small
                font.weight: Font.DemiBold
                wrapMode: Text.Wrap
            }
            Txt {
                width: parent.width
                text: row.about
                color: Theme.muted
                font.pixelSize: Theme.tiny
                wrapMode: Text.Wrap
                lineHeight: 1.1
            }
        }
        Rectangle {
            id: track
            width: Theme.sized(38)
            height: Theme.sized(22)
            radius: height / 2
            color: row.on ? Theme.accent : "transparent"
            border.color: row.on ? Theme.accent : Theme.faint
            border.width: 2
            anchors.right: parent.right
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter

            Rectangle {
                x: row.on ? parent.width - width - 4 : 4
                width: parent.height - 8
                height: width
                radius: width / 2
                color: row.on ? Theme.accentInk : Theme.faint
                anchors.verticalCenter: parent.verticalCenter

                Behavior on x {
                    NumberAnimation {
                        duration: Theme.quick
                    }
                }
            }
        }
    }
}
