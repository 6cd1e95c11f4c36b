pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"

// Who reacted to a message, an emoji a chip. A click adds one's own, or takes it back.
Flow {
    id: chips

    required property var reactions // a list of {value, count, own, names}

    signal toggled(string value)

    property real natural: 0 // as wide as all chips in one line

    function measure(): void {
        let sum = -spacing;
        for (let i = 0; i < all.count; i++)
            sum += (all.itemAt(i)?.implicitWidth ?? 0) + spacing;
        natural = Math.max(0, sum);
    }

    spacing: 4

    Repeater {
        id: all
        onItemAdded: chips.measure()
        onItemRemoved: chips.measure()
        model: chips.reactions

        AbstractButton {
            id: chip

            required property var modelData
            readonly property bool own: modelData.own

            objectName: "chip:" + modelData.value
            implicitWidth: Math.max(32, content.implicitWidth + 18)
            implicitHeight: Math.max(24, content.implicitHeight + 8)
            hoverEnabled: true
            onImplicitWidthChanged: chips.measure()
            focusPolicy: Qt.NoFocus
            Accessible.role: Accessible.CheckBox
            Accessible.name: modelData.value + " by " + modelData.names
            Accessible.checkable: true
            Accessible.checked: own
            onClicked: chips.toggled(modelData.value)

            Tip {
                visible: chip.hovered
                text: chip.modelData.names
            }
            background: Rectangle {
                radius: height / 2
                color: chip.own ? Theme.chosen : chip.hovered ? Theme.hover : Theme.card
                border.color: chip.own ? Theme.accent : Theme.line
                border.width: chip.own ? 1.5 : 1
            }
            contentItem: Item {
                Row {
                    id: content
                    anchors.centerIn: parent
                    spacing: 5

                    Txt {
                        text: chip.modelData.value
                        font.pixelSize: Theme.body
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    Txt {
                        visible: chip.modelData.count > 1
                        text: chip.modelData.count
                        color: chip.own ? Theme.accent : Theme.muted
                        font.pixelSize: Theme.tiny
                        font.weight: Font.DemiBold
                        anchors.verticalCenter: parent.verticalCenter
                    }
                }
            }
        }
    }
}
