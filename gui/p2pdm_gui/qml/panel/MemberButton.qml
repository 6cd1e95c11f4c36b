import QtQuick
import QtQuick.Controls.Basic
import "../look"
import "../chat"

// One member of the open group; a click offers what can be done about them.
AbstractButton {
    id: button

    required property string key
    required property string name
    required property bool own
    required property string status
    required property string picture
    required property string rights
    required property string chat
    required property bool may_remove
    required property bool may_promote
    required property bool may_demote
    required property string label
    readonly property bool offers: chat.length > 0 || may_remove || may_promote || may_demote

    signal asked

    objectName: "member:" + name
    enabled: offers
    implicitHeight: line.implicitHeight
    hoverEnabled: true
    focusPolicy: offers ? Qt.TabFocus : Qt.NoFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: label
    Accessible.onPressAction: button.asked()
    onClicked: asked()
    Keys.onReturnPressed: asked()
    Keys.onMenuPressed: asked()

    TapHandler {
        acceptedButtons: Qt.RightButton
        onTapped: button.asked()
    }
    background: Rectangle {
        radius: Theme.corner
        color: button.hovered && button.offers ? Theme.hover : "transparent"
        border.color: Theme.accent
        border.width: button.visualFocus ? 2 : 0
    }
    contentItem: Item {
        MemberLine {
            id: line
            anchors.fill: parent
            anchors.leftMargin: 4
            anchors.rightMargin: 4
            key: button.key
            name: button.name
            own: button.own
            status: button.status
            picture: button.picture
            rights: button.rights
            label: button.label
            behind: button.hovered && button.offers ? Theme.hover : Theme.canvas
            Accessible.ignored: true
        }
    }
}
