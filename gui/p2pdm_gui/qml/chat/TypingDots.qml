pragma ComponentBehavior: Bound

import QtQuick
import "../look"

// Somebody is typing; moves only while it is seen.
Row {
    id: dots

    spacing: 4
    Accessible.ignored: true

    Repeater {
        model: 3

        Rectangle {
            id: dot

            required property int index

            width: 6
            height: 6
            radius: 3
            color: Theme.accent
            opacity: 0.35

            SequentialAnimation on opacity {
                running: dots.visible
                loops: Animation.Infinite

                PauseAnimation {
                    duration: dot.index * Theme.quick
                }
                NumberAnimation {
                    to: 1
                    duration: 2 * Theme.quick
                }
                NumberAnimation {
                    to: 0.35
                    duration: 2 * Theme.quick
                }
                PauseAnimation {
                    duration: (4 - dot.index) * Theme.quick
                }
            }
        }
    }
}
