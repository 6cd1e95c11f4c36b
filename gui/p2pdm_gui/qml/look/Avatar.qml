import QtQuick

// A person as coloured initials; the colour comes from the id, so that two of one name differ.
Rectangle {
    id: avatar

    required property string identity
    required property string name
    property int size: 44
    property bool online: false
    property bool dotted: true
    property color behind: Theme.side

    width: size
    height: size
    radius: size / 2
    color: Theme.personColour(identity)
    Accessible.ignored: true

    Text {
        anchors.centerIn: parent
        text: Theme.initials(avatar.name)
        textFormat: Text.PlainText
        color: "#ffffff"
        font.pixelSize: Math.round(avatar.size * 0.38)
        font.weight: Font.DemiBold
    }

    Rectangle {
        visible: avatar.dotted && avatar.online
        width: Math.max(12, Math.min(18, Math.round(avatar.size * 0.28)))
        height: width
        radius: width / 2
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: avatar.size > 60 ? 2 : -1
        color: Theme.here
        border.color: avatar.behind
        border.width: 2
    }
}
