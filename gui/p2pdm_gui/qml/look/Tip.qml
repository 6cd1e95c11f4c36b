import QtQuick
import QtQuick.Controls.Basic

// The name of what the pointer rests on.
ToolTip {
    id: tip

    delay: 600
    padding: 8
    font.pixelSize: Theme.tiny

    background: Rectangle {
        radius: 8
        color: Theme.dark ? "#e9ecec" : "#23292c"
    }
    contentItem: Txt {
        text: tip.text
        color: Theme.dark ? "#15191b" : "#f6f5f2"
        font.pixelSize: Theme.tiny
    }
}
