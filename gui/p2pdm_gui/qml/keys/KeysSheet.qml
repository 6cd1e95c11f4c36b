pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"

// What the keys do, to read.
Pop {
    id: sheet

    required property var lines // what Shortcuts says of the keys

    objectName: "keysSheet"
    parent: Overlay.overlay
    modal: true
    dim: true
    padding: 12
    width: Math.min(520 * Theme.scale, parent ? parent.width - 32 : 520)
    x: parent ? Math.round((parent.width - width) / 2) : 0
    height: Math.min(implicitHeight, parent ? parent.height - 24 : implicitHeight)
    y: parent ? Math.round((parent.height - height) / 2) : 0
    onOpened: scroller.forceActiveFocus(Qt.PopupFocusReason)

    contentItem: Scroller {
        id: scroller
        padding: 8
        spacing: 8
        implicitHeight: contentHeight
        Accessible.role: Accessible.Dialog
        Accessible.name: "Keys"
        Keys.onDownPressed: contentY = Math.min(Math.max(0, contentHeight - height), contentY + 60)
        Keys.onUpPressed: contentY = Math.max(0, contentY - 60)

        Txt {
            text: "Keys"
            font.weight: Font.DemiBold
        }
        Repeater {
            model: sheet.lines.length

            Item {
                id: line

                required property int index
                readonly property var keys: sheet.lines[index].keys
                readonly property string key: keys.length > 3 ? keys[0] + " … " + keys[keys.length - 1] : keys.join(", ")
                readonly property string does: sheet.lines[index].does

                width: parent ? parent.width : 0
                height: Math.max(name.height, what.height)
                Accessible.role: Accessible.StaticText
                Accessible.name: key + ": " + does

                Txt {
                    id: name
                    text: line.key
                    font.pixelSize: Theme.small
                    font.weight: Font.DemiBold
                    wrapMode: Text.Wrap
                    width: Math.round(parent.width * 0.42)
                    anchors.left: parent.left
                    horizontalAlignment: Text.AlignLeft
                }
                Txt {
                    id: what
                    text: line.does
                    color: Theme.muted
                    font.pixelSize: Theme.small
                    wrapMode: Text.Wrap
                    anchors.left: name.right
                    anchors.leftMargin: 12
                    anchors.right: parent.right
                    horizontalAlignment: Text.AlignLeft
                }
            }
        }
    }
}
