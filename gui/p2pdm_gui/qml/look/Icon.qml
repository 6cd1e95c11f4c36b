import QtQuick
import "icons.js" as Icons

Image {
    id: icon

    required property string name
    property color tint: Theme.muted
    property real size: 20 // at a scale of 1, as all sizes
    property real weight: 1.8
    readonly property int side: Theme.sized(size)

    width: side
    height: side
    sourceSize: Qt.size(side, side)
    source: Icons.url(name, String(tint), weight)
    Accessible.ignored: true
}
