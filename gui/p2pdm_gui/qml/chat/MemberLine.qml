import QtQuick
import "../look"

// One person in a group.
Item {
    id: line

    required property string key
    required property string name
    required property bool own
    required property string status
    required property string picture
    required property string rights
    required property string label
    property color behind: Theme.canvas

    implicitHeight: Math.max(Theme.sized(44), title.height + 16)
    Accessible.role: Accessible.ListItem
    Accessible.name: label

    Avatar {
        id: face
        size: 32
        identity: line.key
        name: line.name
        picture: line.picture
        status: line.status
        behind: line.behind
        anchors.left: parent.left
        anchors.leftMargin: 4
        anchors.verticalCenter: parent.verticalCenter
    }
    Txt {
        id: title
        text: line.own ? "You" : line.name
        elide: Text.ElideRight
        anchors.left: face.right
        anchors.leftMargin: 12
        anchors.right: tag.left
        anchors.rightMargin: 8
        anchors.verticalCenter: parent.verticalCenter
        horizontalAlignment: Text.AlignLeft
    }
    Txt {
        id: tag
        text: line.rights
        color: Theme.muted
        font.pixelSize: Theme.tiny
        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
    }
}
