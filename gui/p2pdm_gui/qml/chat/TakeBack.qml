import QtQuick
import "../look"

// Asks once more before a message is taken back.
Pop {
    id: sheet

    property string key: ""

    signal decided(string key)

    function ask(of: string): void {
        key = of;
        open();
        keep.forceActiveFocus(Qt.TabFocusReason);
    }

    objectName: "takeBack"
    modal: true
    dim: true
    padding: 20
    width: Math.min(380 * Theme.scale, parent ? parent.width - 48 : 380)
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: parent ? Math.round((parent.height - height) / 2) : 0

    contentItem: Column {
        spacing: 10
        Accessible.role: Accessible.Dialog
        Accessible.name: title.text

        Txt {
            id: title
            width: parent.width
            text: "Take this message back?"
            font.weight: Font.DemiBold
            wrapMode: Text.Wrap
        }
        Txt {
            width: parent.width
            text: "Its text is erased here and on every computer that this reaches. Who has read it already can't unread it."
            color: Theme.muted
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
        Row {
            anchors.right: parent.right
            topPadding: 6
            spacing: 8

            TextButton {
                id: keep
                objectName: "keepIt"
                text: "Keep"
                Keys.onRightPressed: sure.forceActiveFocus(Qt.TabFocusReason)
                Keys.onReturnPressed: clicked()
                onClicked: sheet.close()
            }
            TextButton {
                id: sure
                objectName: "takeItBack"
                text: "Take back"
                strong: true
                grave: true
                Keys.onLeftPressed: keep.forceActiveFocus(Qt.TabFocusReason)
                Keys.onReturnPressed: clicked()
                onClicked: {
                    sheet.close();
                    sheet.decided(sheet.key);
                }
            }
        }
    }
}
