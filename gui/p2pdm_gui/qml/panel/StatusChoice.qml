pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"

// How the user is here: one of four words, each with the dot that others see.
Rectangle {
    id: choice

    required property string chosen

    signal picked(string status)

    implicitHeight: rows.height + 8
    radius: Theme.corner
    color: Theme.card
    border.color: Theme.line

    Column {
        id: rows
        x: 4
        y: 4
        width: parent.width - 8

        Repeater {
            model: ["available", "away", "busy", "do_not_disturb"]

            AbstractButton {
                id: option

                required property string modelData
                readonly property string word: modelData === "available" ? modelData : Theme.spoken(modelData)

                objectName: "status:" + modelData
                width: rows.width
                implicitHeight: Math.max(36, Theme.small + 20)
                checkable: true
                checked: modelData === choice.chosen
                hoverEnabled: true
                focusPolicy: Qt.TabFocus
                Keys.onReturnPressed: click()
                Keys.onEnterPressed: click()
                text: word.charAt(0).toUpperCase() + word.slice(1)
                Accessible.role: Accessible.RadioButton
                Accessible.name: text
                Accessible.checked: checked
                onClicked: choice.picked(modelData)

                background: Rectangle {
                    radius: Theme.corner - 3
                    color: option.checked ? Theme.chosen : option.hovered ? Theme.hover : "transparent"
                    border.color: Theme.accent
                    border.width: option.visualFocus ? 2 : 0
                }
                contentItem: Item {
                    Presence {
                        id: dot
                        status: option.modelData
                        behind: option.checked ? Theme.chosen : option.hovered ? Theme.hover : Theme.card
                        anchors.left: parent.left
                        anchors.leftMargin: 11
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    Txt {
                        text: option.text
                        font.pixelSize: Theme.small
                        font.weight: option.checked ? Font.DemiBold : Font.Normal
                        elide: Text.ElideRight
                        anchors.left: dot.right
                        anchors.leftMargin: 11
                        anchors.right: tick.left
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    Icon {
                        id: tick
                        visible: option.checked
                        name: "tick"
                        size: 16
                        tint: Theme.accent
                        anchors.right: parent.right
                        anchors.rightMargin: 10
                        anchors.verticalCenter: parent.verticalCenter
                    }
                }
            }
        }
    }
}
