pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import P2pdm
import "../look"

// Contacts to choose from. Enter in the search field takes the first one.
Column {
    id: pick

    required property Picker picker
    property real room: 7 * 48 * Theme.scale // as high as the list may be
    property string empty: "You have no contacts yet. Only contacts can be invited."

    function clear(): void {
        search.clear();
    }

    spacing: 8

    Field {
        id: search
        objectName: "pickSearch"
        visible: pick.picker.contacts > 6
        width: parent.width
        label: "Search your contacts"
        placeholderText: "Search"
        drawing: "search"
        onTextChanged: pick.picker.narrow(text)
        onAccepted: {
            pick.picker.toggle_first();
            selectAll();
        }
    }
    Txt {
        visible: pick.picker.contacts === 0
        width: parent.width
        text: pick.empty
        color: Theme.muted
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        lineHeight: 1.15
    }
    ListView {
        x: -8
        width: parent.width + 16
        height: Math.min(contentHeight, Math.max(144, Math.round(pick.room)))
        model: pick.picker.rows
        clip: true
        currentIndex: -1
        highlightFollowsCurrentItem: false
        boundsBehavior: Flickable.StopAtBounds
        Accessible.role: Accessible.List
        Accessible.name: "Contacts"
        delegate: PickLine {
            width: ListView.view.width
            onChosen: pick.picker.toggle(key)
        }
        ScrollBar.vertical: ScrollBar {}
    }
}
