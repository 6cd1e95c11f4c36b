import QtQuick
import QtQuick.Controls.Basic

// What can be done with the thing that was clicked.
Menu {
    id: choices

    // When what it belongs to is not seen any more, for the window was locked, it closes: in the next turn, for Qt is
    // still busy hiding.
    readonly property bool hidden: parent !== null && !parent.visible
    function follow(): void {
        if (hidden)
            close();
    }
    onHiddenChanged: Qt.callLater(follow)

    padding: 4
    margins: 8

    background: Rectangle {
        implicitWidth: Theme.sized(200)
        radius: Theme.corner
        color: Theme.raised
        border.color: Theme.line
    }
    delegate: Entry {}
}
