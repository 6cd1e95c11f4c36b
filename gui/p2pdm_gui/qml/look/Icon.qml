import QtQuick
import "icons.js" as Icons

Image {
    id: icon

    required property string name
    property color tint: Theme.muted
    property int size: 20
    property real weight: 1.8

    width: size
    height: size
    sourceSize: Qt.size(size, size)
    source: Icons.url(name, String(tint), weight)
    Accessible.ignored: true
}
