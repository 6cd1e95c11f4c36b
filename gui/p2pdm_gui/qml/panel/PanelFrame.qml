import QtQuick
import "../look"

// A panel's title and the way out; what it shows goes inside.
Rectangle {
    id: frame

    required property string title
    default property alias content: body.content

    signal closed

    function toEnd(): void {
        Qt.callLater(body.toEnd);
    }

    color: Theme.canvas
    clip: true
    Component.onCompleted: close.forceActiveFocus(Qt.OtherFocusReason)
    Accessible.role: Accessible.Pane
    Accessible.name: title

    Txt {
        id: heading
        text: frame.title
        font.pixelSize: Theme.title
        font.weight: Font.DemiBold
        anchors.left: parent.left
        anchors.leftMargin: 20
        anchors.right: close.left
        anchors.rightMargin: 8
        elide: Text.ElideRight
        horizontalAlignment: Text.AlignLeft
        anchors.verticalCenter: close.verticalCenter
    }
    IconButton {
        id: close
        objectName: "closePanel"
        drawing: "close"
        label: "Close (Esc)"
        anchors.right: parent.right
        anchors.rightMargin: 12
        y: Theme.sized(14)
        onClicked: frame.closed()
    }
    Rectangle {
        id: edge
        height: 1
        y: Math.max(Theme.sized(64), heading.height + 20) - 1
        color: Theme.line
        anchors.left: parent.left
        anchors.right: parent.right
    }
    Scroller {
        id: body
        anchors.top: edge.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
    }
    Rectangle {
        width: 1
        color: Theme.line
        anchors.left: parent.left
        anchors.top: parent.top
        anchors.bottom: parent.bottom
    }
}
