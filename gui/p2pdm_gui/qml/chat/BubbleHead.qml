pragma ComponentBehavior: Bound

import QtQuick

// What stands above a bubble that begins a day, or what is new.
Column {
    id: head

    required property string day
    required property bool divider

    Loader {
        active: head.day.length > 0
        visible: active
        width: parent.width
        height: active ? 44 : 0
        sourceComponent: Item {
            DayPill {
                text: head.day
                anchors.centerIn: parent
            }
        }
    }
    Loader {
        active: head.divider
        visible: active
        width: parent.width
        sourceComponent: UnreadDivider {}
    }
}
