import QtQuick
import QtQuick.Controls.Basic
import "../look"

// Where a card stands that asks something: in the middle, or scrolled when it is higher than the place.
Flickable {
    id: place

    default property alias card: column.data

    contentWidth: width
    contentHeight: Math.max(height, column.height + 32)
    boundsBehavior: Flickable.StopAtBounds
    clip: true

    Column {
        id: column
        width: Math.min(place.width - 32, 440 * Theme.scale)
        x: Math.round((place.width - width) / 2)
        y: Math.round((place.contentHeight - height) / 2)
    }
    ScrollBar.vertical: ScrollBar {
        policy: place.contentHeight > place.height ? ScrollBar.AsNeeded : ScrollBar.AlwaysOff
    }
}
