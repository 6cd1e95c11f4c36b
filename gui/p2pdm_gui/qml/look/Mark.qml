import QtQuick
import "icons.js" as Icons

// The messenger's own sign: two who talk.
Image {
    id: mark

    property int size: 64

    width: size
    height: size
    sourceSize: Qt.size(size, size)
    source: Icons.mark(String(Theme.chosen), String(Theme.accent))
    Accessible.ignored: true
}
