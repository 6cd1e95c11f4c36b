import QtQuick
import "icons.js" as Icons

// The messenger's own sign: two who talk.
Image {
    id: mark

    property real size: 64

    width: Theme.sized(size)
    height: width
    sourceSize: Qt.size(width, height)
    source: Icons.mark(String(Theme.chosen), String(Theme.accent))
    Accessible.ignored: true
}
