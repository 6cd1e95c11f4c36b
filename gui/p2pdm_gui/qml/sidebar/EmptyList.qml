pragma ComponentBehavior: Bound

import QtQuick
import "../look"

// Nobody to talk to yet: what may be in the way, and what can be done.
Column {
    id: empty

    required property string search
    required property list<string> trouble
    readonly property bool searching: search.length > 0

    signal invited

    spacing: 12

    Icon {
        name: empty.searching ? "search" : "nearby"
        size: 48
        weight: 1.2
        tint: Theme.accent
        anchors.horizontalCenter: parent.horizontalCenter
    }
    Txt {
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        text: empty.searching ? "Nothing found" : "Nobody else is here yet"
        font.weight: Font.DemiBold
        font.pixelSize: Theme.title
        wrapMode: Text.Wrap
    }
    Txt {
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        text: empty.searching ? "No name and no message holds “" + empty.search + "”." : "People who run p2pdm on this network appear here by themselves, within a few seconds."
        color: Theme.muted
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
    Repeater {
        model: empty.searching ? [] : empty.trouble

        Txt {
            required property string modelData
            width: empty.width
            horizontalAlignment: Text.AlignHCenter
            text: modelData
            color: Theme.warn
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
            lineHeight: 1.2
        }
    }
    Item {
        width: 1
        height: 4
    }
    TextButton {
        visible: !empty.searching
        anchors.horizontalCenter: parent.horizontalCenter
        text: "Use an invitation"
        strong: true
        onClicked: empty.invited()
    }
    Txt {
        visible: !empty.searching
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        text: "Only trying it out? Run ./run demo in a terminal, and neighbours come who answer."
        color: Theme.faint
        font.pixelSize: Theme.tiny
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
}
