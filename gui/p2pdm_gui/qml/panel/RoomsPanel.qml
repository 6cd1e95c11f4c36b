pragma ComponentBehavior: Bound

import QtQuick
import P2pdm
import "../look"

// Which rooms this network has, and opening one.
PanelFrame {
    id: panel

    required property Rooms rooms

    function openRoom(): void {
        if (name.text.trim().length > 0)
            rooms.open(name.text, announcing.checked);
    }

    title: "Rooms"
    Component.onCompleted: rooms.watch(true)
    Component.onDestruction: rooms?.watch(false)

    Txt {
        width: parent.width
        text: "Everybody on this network can enter a room and read along."
        color: Theme.muted
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
    Column {
        x: 8
        width: parent.width + 24
        spacing: 2
        Accessible.role: Accessible.List
        Accessible.name: "Rooms"

        Repeater {
            model: panel.rooms.rows

            RoomLine {
                x: -20
                width: panel.width - 16
                onChosen: panel.rooms.enter(key)
                onDeparted: panel.rooms.leave(key)
            }
        }
    }
    Labelled {
        width: parent.width
        title: "Open another room"

        Field {
            id: name
            objectName: "roomName"
            width: parent.width
            label: "The room's name"
            placeholderText: "Name"
            maximumLength: 60
            onAccepted: panel.openRoom()
        }
        CheckLine {
            id: announcing
            objectName: "announcing"
            width: parent.width
            text: "For announcements"
            about: "Only you write, and whom you name."
        }
        TextButton {
            objectName: "openRoom"
            width: parent.width
            text: "Open"
            strong: true
            enabled: name.text.trim().length > 0
            onClicked: panel.openRoom()
        }
    }
}
