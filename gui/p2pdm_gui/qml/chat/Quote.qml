import QtQuick
import "../look"

// Another message in short: a bar in its author's colour, the name, and its beginning.
Item {
    id: quote

    required property string sender
    required property string name
    required property string text
    property bool gone: false
    property bool own: false
    property int lines: 2
    property color ground: Theme.dark ? "#14ffffff" : "#80ffffff"
    property color muted: Theme.muted
    readonly property color shade: sender.length > 0 && !own ? Theme.nameColour(sender) : Theme.accent
    readonly property real natural: Math.ceil(Math.max(who.implicitWidth, said.implicitWidth)) + 24

    implicitHeight: words.height + 12

    Rectangle {
        anchors.fill: parent
        radius: 8
        color: quote.ground
    }
    Rectangle {
        width: 3
        radius: 1.5
        color: quote.shade
        anchors.left: parent.left
        anchors.top: parent.top
        anchors.bottom: parent.bottom
    }
    Column {
        id: words
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: 12
        anchors.rightMargin: 10
        anchors.verticalCenter: parent.verticalCenter
        spacing: 1

        Txt {
            id: who
            visible: text.length > 0
            width: parent.width
            text: quote.name
            color: Theme.dark ? Qt.lighter(quote.shade, 1.45) : quote.shade
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
            elide: Text.ElideRight
        }
        Txt {
            id: said
            objectName: "quoted"
            width: parent.width
            text: quote.text
            color: quote.gone ? quote.muted : Theme.ink
            font.pixelSize: Theme.small
            font.italic: quote.gone
            wrapMode: Text.Wrap
            maximumLineCount: quote.lines
            elide: Text.ElideRight
        }
    }
}
