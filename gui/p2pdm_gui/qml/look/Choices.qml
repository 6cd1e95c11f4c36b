import QtQuick
import QtQuick.Controls.Basic

// What can be done with the thing that was clicked.
Menu {
    id: choices

    padding: 4
    margins: 8

    background: Rectangle {
        implicitWidth: 200
        radius: Theme.corner
        color: Theme.raised
        border.color: Theme.line
    }
    delegate: Entry {}
}
