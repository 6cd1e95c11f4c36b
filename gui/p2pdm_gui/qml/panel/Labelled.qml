import QtQuick
import "../look"

// A thing with its name above, and below it perhaps a word of explanation.
Column {
    id: labelled

    required property string title
    property string hint: ""
    default property alias content: place.data

    spacing: 6

    Txt {
        text: labelled.title
        color: Theme.muted
        font.pixelSize: Theme.tiny
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    Column {
        id: place
        width: parent.width
        spacing: 10
    }
    Txt {
        visible: labelled.hint.length > 0
        width: parent.width
        text: labelled.hint
        color: Theme.faint
        font.pixelSize: Theme.tiny
        wrapMode: Text.Wrap
        lineHeight: 1.15
    }
}
