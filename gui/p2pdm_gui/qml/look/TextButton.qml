import QtQuick
import QtQuick.Controls.Basic

// A button with a word: `strong` for what one came to do, `grave` for what can't be taken back.
AbstractButton {
    id: button

    property bool strong: false
    property bool grave: false
    readonly property color ground: strong ? (grave ? Theme.danger : Theme.accent) : (grave ? Theme.dangerBack : Theme.hover)
    readonly property color writing: strong ? (grave ? (Theme.dark ? Theme.canvas : "#ffffff") : Theme.accentInk) : (grave ? Theme.danger : Theme.ink)

    implicitWidth: word.implicitWidth + 32
    implicitHeight: Math.max(36, word.implicitHeight + 16)
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    background: Rectangle {
        radius: height / 2
        color: button.down ? Qt.darker(button.ground, 1.1) : button.hovered ? Qt.darker(button.ground, 1.04) : button.ground
        opacity: button.enabled ? 1 : 0.45
        border.color: button.strong ? Theme.ink : Theme.accent
        border.width: button.visualFocus ? 2 : 0
    }
    contentItem: Txt {
        id: word
        text: button.text
        color: button.writing
        font.pixelSize: Theme.small
        font.weight: Font.DemiBold
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
        opacity: button.enabled ? 1 : 0.7
    }
}
