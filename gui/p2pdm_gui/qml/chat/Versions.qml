pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"

// What a message said before it was edited, the latest of it first.
Pop {
    id: sheet

    property var versions: [] // a list of {when, text}, oldest first

    function show(bubble: MessageBubble): void {
        versions = bubble.versions.slice().reverse();
        parent = bubble;
        x = bubble.mine ? bubble.width - width - 20 : 20;
        y = bubble.height;
        open();
    }

    objectName: "versions"
    width: Math.min(360 * Theme.scale, parent ? parent.width - 40 : 360)
    height: Math.min(implicitHeight, 340)
    closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutside

    contentItem: Scroller {
        Accessible.role: Accessible.Dialog
        Accessible.name: title.text
        padding: 0
        spacing: 12
        implicitHeight: contentHeight

        Txt {
            id: title
            text: "What it said before"
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
        }
        Repeater {
            model: sheet.versions

            Column {
                id: version

                required property var modelData

                width: parent ? parent.width : 0
                spacing: 2

                Txt {
                    text: version.modelData.when
                    color: Theme.muted
                    font.pixelSize: Theme.tiny
                }
                Txt {
                    objectName: "version"
                    width: parent.width
                    text: version.modelData.text
                    font.pixelSize: Theme.small
                    wrapMode: Text.Wrap
                    lineHeight: 1.1
                }
            }
        }
    }
}
