import QtQuick
import QtQuick.Controls.Basic
import "../look"

// Something in the way, at the foot of the list: short until it is clicked, gone when it is put away.
AbstractButton {
    id: trouble

    required property string sentence
    property bool whole: false

    signal putAway

    implicitHeight: Math.max(words.height + 20, away.height + 10)
    focusPolicy: Qt.TabFocus
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()
    Accessible.role: Accessible.AlertMessage
    Accessible.name: sentence
    onClicked: whole = !whole

    background: Rectangle {
        radius: Theme.corner
        color: Theme.warnBack
        border.color: Theme.warn
        border.width: trouble.visualFocus ? 2 : 0
    }
    contentItem: Item {
        Icon {
            id: sign
            name: "alert"
            size: 18
            tint: Theme.warn
            x: 10
            y: 10
        }
        Txt {
            id: words
            text: trouble.sentence
            color: Theme.warn
            font.pixelSize: Theme.tiny
            wrapMode: Text.Wrap
            maximumLineCount: trouble.whole ? 20 : 2
            elide: Text.ElideRight
            lineHeight: 1.1
            y: 10
            anchors.left: sign.right
            anchors.leftMargin: 8
            anchors.right: away.left
            anchors.rightMargin: 4
        }
        IconButton {
            id: away
            drawing: "close"
            label: "Put away"
            tint: Theme.warn
            size: 28
            y: 5
            anchors.right: parent.right
            anchors.rightMargin: 5
            onClicked: trouble.putAway()
        }
    }
}
