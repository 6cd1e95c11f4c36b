import QtQuick
import QtQuick.Controls.Basic
import "../look"

// The message that a bubble answers; a click goes there.
AbstractButton {
    id: button

    required property string sender
    required property string name
    required property string quoted
    required property bool gone
    property color muted: Theme.muted
    readonly property real natural: quote.natural

    objectName: "quote"
    implicitHeight: quote.implicitHeight
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.Button
    Accessible.name: name.length > 0 ? "Go to what " + name + " said: " + quoted : quoted

    HoverHandler {
        cursorShape: Qt.PointingHandCursor
    }
    contentItem: Quote {
        id: quote
        sender: button.sender
        own: button.name === "You"
        name: button.name
        text: button.quoted
        gone: button.gone
        muted: button.muted
        opacity: button.down ? 0.7 : 1
    }
}
