pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic

// One of a few, with a word on what that means. Up and down go from one to the next, Enter takes it.
Pop {
    id: sheet

    property string question: ""
    property string about: ""
    property var options: [] // a list of {value, text, chosen}
    property var then: null // what to do with the value

    function ask(question: string, about: string, options: var, then: var): void {
        sheet.question = question;
        sheet.about = about;
        sheet.options = options;
        sheet.then = then;
        open();
        focusOn(Math.max(0, options.findIndex(option => option.chosen)));
    }
    function focusOn(at: int): void {
        const line = lines.itemAt((at + lines.count) % lines.count);
        if (line === null)
            return;
        line.forceActiveFocus(Qt.TabFocusReason);
        const middle = line.mapToItem(scroller.contentItem, 0, line.height / 2).y;
        scroller.contentY = Math.max(0, Math.min(scroller.contentHeight - scroller.height, middle - scroller.height / 2));
    }

    objectName: "options"
    parent: Overlay.overlay
    modal: true
    dim: true
    padding: 12
    width: Math.min(360 * Theme.scale, parent ? parent.width - 32 : 360)
    x: parent ? Math.round((parent.width - width) / 2) : 0
    height: Math.min(implicitHeight, parent ? parent.height - 24 : implicitHeight)
    y: parent ? Math.round((parent.height - height) / 2) : 0

    contentItem: Scroller {
        id: scroller
        padding: 8
        spacing: 10
        implicitHeight: contentHeight
        Accessible.role: Accessible.Dialog
        Accessible.name: sheet.question

        Txt {
            width: parent.width
            text: sheet.question
            font.weight: Font.DemiBold
            wrapMode: Text.Wrap
        }
        Txt {
            width: parent.width
            text: sheet.about
            color: Theme.muted
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
        Column {
            x: -8
            width: parent.width + 16

            Repeater {
                id: lines
                model: sheet.options

                AbstractButton {
                    id: option

                    required property int index
                    required property var modelData
                    readonly property bool chosen: modelData.chosen

                    objectName: "option:" + text
                    width: scroller.width
                    implicitHeight: Math.max(38, Theme.small + 22)
                    hoverEnabled: true
                    focusPolicy: Qt.TabFocus
                    text: modelData.text
                    Accessible.role: Accessible.RadioButton
                    Accessible.name: text
                    Accessible.checkable: true
                    Accessible.checked: chosen
                    Keys.onUpPressed: sheet.focusOn(index - 1)
                    Keys.onDownPressed: sheet.focusOn(index + 1)
                    Keys.onReturnPressed: clicked()
                    onClicked: {
                        sheet.close();
                        sheet.then(modelData.value);
                    }

                    background: Rectangle {
                        radius: Theme.corner - 3
                        color: option.chosen ? Theme.chosen : option.hovered ? Theme.hover : "transparent"
                        border.color: Theme.accent
                        border.width: option.visualFocus ? 2 : 0
                    }
                    contentItem: Item {
                        Txt {
                            text: option.text
                            font.weight: option.chosen ? Font.DemiBold : Font.Normal
                            elide: Text.ElideRight
                            anchors.left: parent.left
                            anchors.leftMargin: 12
                            anchors.right: tick.left
                            anchors.verticalCenter: parent.verticalCenter
                            horizontalAlignment: Text.AlignLeft
                        }
                        Icon {
                            id: tick
                            visible: option.chosen
                            name: "tick"
                            size: 18
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
}
