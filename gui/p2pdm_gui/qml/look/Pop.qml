import QtQuick
import QtQuick.Controls.Basic

// A small sheet above the window. Esc or a click beside it closes it.
Popup {
    id: pop

    // When what it belongs to is not seen any more, for the window was locked, it closes: in the next turn, for Qt is
    // still busy hiding.
    readonly property bool hidden: parent !== null && !parent.visible
    function follow(): void {
        if (hidden)
            close();
    }
    onHiddenChanged: Qt.callLater(follow)

    padding: 16
    margins: 12
    focus: true

    background: Rectangle {
        radius: Theme.corner + 2
        color: Theme.raised
        border.color: Theme.line
    }
    Overlay.modal: Rectangle {
        color: Theme.dark ? "#99000000" : "#552a2722"
    }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.quick
        }
    }
}
