import QtQuick
import P2pdm
import "../look"

// A group is made of a name and people.
PanelFrame {
    id: panel

    required property NewGroup maker
    readonly property int count: maker.picker.count
    readonly property bool ready: name.text.trim().length > 0 && !maker.working

    function create(): void {
        if (ready)
            maker.create(name.text);
    }

    title: "New group"
    Component.onCompleted: {
        maker.picker.begin();
        name.forceActiveFocus(Qt.OtherFocusReason);
    }

    Labelled {
        width: parent.width
        title: "Name"

        Field {
            id: name
            objectName: "groupName"
            width: parent.width
            label: "The group's name"
            placeholderText: "Lunch"
            maximumLength: 60
            onAccepted: panel.create()
        }
    }
    Labelled {
        width: parent.width
        title: panel.count > 0 ? "Who is invited (" + panel.count + ")" : "Who is invited"
        hint: panel.maker.picker.contacts > 0 ? "Each of them is asked, and is in it once they say yes. Everybody in it sees who is." : ""

        PeoplePick {
            width: parent.width
            picker: panel.maker.picker
            room: panel.height - 400 * Theme.scale
            empty: "You have no contacts yet. You can make the group now and invite people once they are your contacts."
        }
    }
    TextButton {
        objectName: "createGroup"
        width: parent.width
        text: panel.maker.working ? "One moment…" : panel.count === 0 ? "Make the group" : panel.count === 1 ? "Make it and invite 1 person" : "Make it and invite " + panel.count + " people"
        strong: true
        enabled: panel.ready
        onClicked: panel.create()
    }
}
