import QtQuick
import "../look"

// A calm word in the middle of an empty place.
Column {
    id: hint

    required property string title
    required property string text
    default property alias picture: place.data

    spacing: 8

    Item {
        id: place
        width: parent.width
        height: childrenRect.height + 8
    }
    Txt {
        width: parent.width
        text: hint.title
        font.pixelSize: Theme.title
        font.weight: Font.DemiBold
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
    }
    Txt {
        width: parent.width
        text: hint.text
        color: Theme.muted
        font.pixelSize: Theme.small
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
}
