import QtQuick
import "../look"

// The day on which what follows was written.
Rectangle {
    id: pill

    required property string text

    implicitWidth: name.implicitWidth + 24
    implicitHeight: name.implicitHeight + 8
    radius: height / 2
    color: Theme.side

    Txt {
        id: name
        anchors.centerIn: parent
        text: pill.text
        color: Theme.muted
        font.pixelSize: Theme.tiny
        font.weight: Font.DemiBold
    }
}
