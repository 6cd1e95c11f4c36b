import QtQuick
import QtQuick.Controls.Basic

// A column that scrolls when it does not fit.
Flickable {
    id: scroller

    property int padding: 20
    property int spacing: 16
    default property alias content: column.data

    function toEnd(): void {
        contentY = Math.max(0, contentHeight - height);
    }

    contentWidth: width
    contentHeight: column.height + 2 * padding
    boundsBehavior: Flickable.StopAtBounds
    clip: true

    Column {
        id: column
        x: scroller.padding
        y: scroller.padding
        width: scroller.width - 2 * scroller.padding
        spacing: scroller.spacing
    }
    ScrollBar.vertical: ScrollBar {
        policy: scroller.contentHeight > scroller.height ? ScrollBar.AsNeeded : ScrollBar.AlwaysOff
    }
}
