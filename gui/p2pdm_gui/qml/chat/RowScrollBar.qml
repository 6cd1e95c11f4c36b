import QtQuick
import "../look"

// Where in the loaded rows the view is. Based on rows, because heights of rows not yet made are only guessed.
Item {
    id: bar

    required property int rows
    required property int firstRow
    required property int shown
    property bool moving: false

    signal dragged(int row)

    readonly property real share: rows > 0 ? Math.min(1, shown / rows) : 1
    readonly property real handle: Math.max(32, height * share)

    width: 12
    visible: share < 1
    Accessible.ignored: true

    Rectangle {
        x: 4
        width: 5
        radius: 2.5
        height: bar.handle
        y: (bar.height - height) * (bar.rows > bar.shown ? Math.min(1, bar.firstRow / (bar.rows - bar.shown)) : 1)
        color: Theme.muted
        opacity: grip.pressed ? 0.8 : over.hovered || bar.moving ? 0.5 : 0

        Behavior on opacity {
            NumberAnimation {
                duration: Theme.quick
            }
        }
    }
    HoverHandler {
        id: over
    }
    MouseArea {
        id: grip
        anchors.fill: parent
        preventStealing: true
        function go(y: real): void {
            const room = Math.max(1, bar.height - bar.handle);
            bar.dragged(Math.round(Math.max(0, Math.min(1, (y - bar.handle / 2) / room)) * (bar.rows - 1)));
        }
        onPressed: event => go(event.y)
        onPositionChanged: event => go(event.y)
    }
}
