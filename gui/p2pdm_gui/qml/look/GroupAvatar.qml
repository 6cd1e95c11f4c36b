import QtQuick

// A group as coloured initials in a square with soft corners, a room as a sign: neither looks like a person.
Rectangle {
    id: avatar

    required property string identity
    required property string name
    property bool room: false
    property bool announcement: false
    property int size: 44
    property color behind: Theme.side

    width: size
    height: size
    radius: Math.round(size * 0.28)
    color: Theme.personColour(identity)
    Accessible.ignored: true

    Text {
        visible: !avatar.room
        anchors.centerIn: parent
        text: Theme.initials(avatar.name)
        textFormat: Text.PlainText
        color: "#ffffff"
        font.pixelSize: Math.round(avatar.size * 0.38)
        font.weight: Font.DemiBold
    }
    Icon {
        visible: avatar.room
        anchors.centerIn: parent
        name: avatar.announcement ? "announce" : "room"
        size: Math.round(avatar.size * 0.56)
        weight: 2
        tint: "#ffffff"
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
