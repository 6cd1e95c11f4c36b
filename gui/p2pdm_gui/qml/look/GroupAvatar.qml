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
    property int size: 44
    property color behind: Theme.side

    width: size
    height: size
    radius: Math.round(size * 0.28)
    color: face.visible ? "transparent" : Theme.personColour(identity)
    Accessible.ignored: true

    Text {
        visible: !avatar.room && !face.visible
        anchors.centerIn: parent
        text: Theme.initials(avatar.name)
        textFormat: Text.PlainText
        color: "#ffffff"
        font.pixelSize: Math.round(avatar.size * 0.38)
        font.weight: Font.DemiBold
    }
    Icon {
        visible: avatar.room && !face.visible
        anchors.centerIn: parent
        name: avatar.announcement ? "announce" : "room"
        size: Math.round(avatar.size * 0.56)
        weight: 2
        tint: "#ffffff"
    }
    Image {
        id: face
        objectName: "face"
        visible: avatar.picture.length > 0
        anchors.fill: parent
        source: avatar.picture
        sourceSize: Qt.size(2 * avatar.size, 2 * avatar.size)
        Accessible.ignored: true
    }
    Rectangle {
        visible: !avatar.room
        width: Math.max(16, Math.round(avatar.size * 0.38))
        height: width
        radius: width / 2
        color: avatar.behind
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: -Math.round(width * 0.22)

        Icon {
            anchors.centerIn: parent
            name: "people"
            size: parent.width - 4
            weight: 2.2
            tint: Theme.muted
        }
    }
}
