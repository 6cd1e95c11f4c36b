import QtQuick

// A strip that says what is in the way, and perhaps what to do.
Rectangle {
    id: banner

    required property string text
    property string action: ""
    property string drawing: "alert"
    property bool calm: false

    signal acted

    implicitHeight: visible ? Math.max(sentence.implicitHeight, button.visible ? button.implicitHeight : 0) + 20 : 0
    color: calm ? Theme.chosen : Theme.warnBack
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    Icon {
        id: sign
        name: banner.drawing
        tint: banner.calm ? Theme.accent : Theme.warn
        anchors.left: parent.left
        anchors.leftMargin: 16
        anchors.verticalCenter: parent.verticalCenter
    }
    Txt {
        id: sentence
        text: banner.text
        color: banner.calm ? Theme.ink : Theme.warn
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        anchors.left: sign.right
        anchors.leftMargin: 12
        anchors.right: button.visible ? button.left : parent.right
        anchors.rightMargin: 12
        anchors.verticalCenter: parent.verticalCenter
    }
    TextButton {
        id: button
        visible: banner.action.length > 0
        text: banner.action
        anchors.right: parent.right
        anchors.rightMargin: 12
        anchors.verticalCenter: parent.verticalCenter
        onClicked: banner.acted()
    }
}
