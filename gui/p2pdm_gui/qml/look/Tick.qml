import QtQuick

// The box of what is chosen or not; what it belongs to is clicked.
Rectangle {
    id: tick

    property bool on: false

    width: Theme.sized(22)
    height: width
    radius: Theme.sized(7)
    color: on ? Theme.accent : "transparent"
    border.color: on ? Theme.accent : Theme.faint
    border.width: 1.5
    Accessible.ignored: true

    Icon {
        visible: tick.on
        anchors.centerIn: parent
        name: "tick"
        size: 16
        weight: 2.6
        tint: Theme.accentInk
    }
}
