import "../look"

// What can be begun.
Choices {
    id: menu

    signal adding
    signal grouping
    signal roomsAsked

    objectName: "new"

    Entry {
        objectName: "new:person"
        text: "Add someone"
        drawing: "add"
        onTriggered: menu.adding()
    }
    Entry {
        objectName: "new:group"
        text: "New group"
        drawing: "people"
        onTriggered: menu.grouping()
    }
    Entry {
        objectName: "new:room"
        text: "Rooms"
        drawing: "room"
        onTriggered: menu.roomsAsked()
    }
}
