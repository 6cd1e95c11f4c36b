import QtQuick

// How somebody is here, by shape as well as by colour: a disc, a ring, a diamond, a disc with a bar.
Item {
    id: presence

    required property string status
    property real size: 12
    property color behind: Theme.side

    readonly property color tint: status === "available" ? Theme.here : status === "away" ? Theme.warn : Theme.danger

    width: Theme.sized(size)
    height: width
    Accessible.ignored: true

    Rectangle {
        anchors.fill: parent
        anchors.margins: -2
        radius: width / 2
        color: presence.behind
    }
    Rectangle {
        visible: presence.status !== "busy"
        anchors.fill: parent
        radius: width / 2
        color: presence.status === "away" ? presence.behind : presence.tint
        border.color: presence.tint
        border.width: presence.status === "away" ? Math.max(2, Math.round(presence.width * 0.24)) : 0
    }
    Rectangle {
        visible: presence.status === "busy"
        anchors.centerIn: parent
        width: Math.round(presence.width * 0.78)
        height: width
        radius: 1
        rotation: 45
        antialiasing: true
        color: presence.tint
    }
    Rectangle {
        visible: presence.status === "do_not_disturb"
        anchors.centerIn: parent
        width: Math.round(presence.width * 0.58)
        height: Math.max(2, Math.round(presence.width * 0.2))
        radius: height / 2
        color: presence.behind
    }
}
