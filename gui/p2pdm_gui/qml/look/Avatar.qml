import QtQuick

// A person: their picture, or coloured initials; the colour comes from the id, so that two of one name differ.
Rectangle {
    id: avatar

    required property string identity
    required property string name
    property string picture: ""
    property string status: ""
    property string says: ""
    property real size: 44
    property color behind: Theme.side
    readonly property int side: Theme.sized(size)

    width: side
    height: side
    radius: side / 2
    color: face.visible ? "transparent" : Theme.personColour(identity)
    Accessible.ignored: true

    Tip {
        visible: rest.hovered && avatar.says.length > 0
        text: avatar.says
    }
    HoverHandler {
        id: rest
        enabled: avatar.says.length > 0
    }
    Text {
        visible: !face.visible
        anchors.centerIn: parent
        text: Theme.initials(avatar.name)
        textFormat: Text.PlainText
        color: "#ffffff"
        font.pixelSize: Math.round(avatar.side * 0.38)
        font.weight: Font.DemiBold
    }
    Image {
        id: face
        objectName: "face"
        visible: avatar.picture.length > 0
        anchors.fill: parent
        source: avatar.picture
        sourceSize: Qt.size(2 * avatar.side, 2 * avatar.side)
        Accessible.ignored: true
    }
    Presence {
        visible: avatar.status.length > 0
        status: avatar.status
        size: Math.max(10, Math.min(16, avatar.size * 0.25))
        behind: avatar.behind
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: avatar.size > 60 ? 3 : 0
    }
}
