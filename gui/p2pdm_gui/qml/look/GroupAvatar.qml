import QtQuick

// A group as its picture or coloured initials in a square with soft corners, a room as a sign: neither looks like a
// person.
Rectangle {
    id: avatar

    required property string identity
    required property string name
    property string picture: ""
    property bool room: false
    property bool announcement: false
    property real size: 44
    property color behind: Theme.side
    readonly property int side: Theme.sized(size)

    width: side
    height: side
    radius: Math.round(side * 0.28)
    color: face.visible ? "transparent" : Theme.personColour(identity)
    Accessible.ignored: true

    Text {
        visible: !avatar.room && !face.visible
        anchors.centerIn: parent
        text: Theme.initials(avatar.name)
        textFormat: Text.PlainText
        color: "#ffffff"
        font.pixelSize: Math.round(avatar.side * 0.38)
        font.weight: Font.DemiBold
    }
    Icon {
        visible: avatar.room && !face.visible
        anchors.centerIn: parent
        name: avatar.announcement ? "announce" : "room"
        size: avatar.size * 0.56
        weight: 2
        tint: "#ffffff"
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
    Rectangle {
        id: sign

        readonly property real size: Math.max(16, avatar.size * 0.38)

        visible: !avatar.room
        width: Theme.sized(size)
        height: width
        radius: width / 2
        color: avatar.behind
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: -Math.round(width * 0.22)

        Icon {
            anchors.centerIn: parent
            name: "people"
            size: sign.size - 4
            weight: 2.2
            tint: Theme.muted
        }
    }
}
