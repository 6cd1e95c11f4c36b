pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"

// One chat that a message can be passed on to, chosen or not.
AbstractButton {
    id: line

    required property int index
    required property string key
    required property string person
    required property string name
    required property string status
    required property string picture
    required property string kind
    required property bool picked
    property bool current: false

    readonly property bool several: kind === "group" || kind === "room"
    readonly property color behind: current ? Theme.chosen : hovered ? Theme.hover : Theme.raised

    objectName: "forward:" + name
    implicitHeight: Math.max(Theme.sized(48), title.height + 20)
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: name + (status.length > 0 ? ", " + Theme.spoken(status) : "")
    Accessible.checkable: true
    Accessible.checked: picked
    Accessible.focused: current

    background: Rectangle {
        radius: Theme.corner
        color: line.behind
    }
    contentItem: Item {
        Avatar {
            id: face
            opacity: line.several ? 0 : 1
            size: 32
            identity: line.person || line.key
            name: line.name
            picture: line.several ? "" : line.picture
            status: line.status
            behind: line.behind
            anchors.left: parent.left
            anchors.leftMargin: 8
            anchors.verticalCenter: parent.verticalCenter
        }
        Loader {
            active: line.several
            anchors.fill: face
            sourceComponent: GroupAvatar {
                size: 32
                identity: line.key
                name: line.name
                picture: line.picture
                room: line.kind === "room"
                behind: line.behind
            }
        }
        Txt {
            id: title
            text: line.name
            elide: Text.ElideRight
            anchors.left: face.right
            anchors.leftMargin: 14
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
