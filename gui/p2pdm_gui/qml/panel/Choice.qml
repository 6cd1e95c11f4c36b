pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"

// One of a few words.
Rectangle {
    id: choice

    required property list<string> words
    required property string chosen

    signal picked(string word)

    implicitHeight: Theme.sized(40)
    radius: height / 2
    color: Theme.hover

    Row {
        anchors.fill: parent
        anchors.margins: 3

        Repeater {
            model: choice.words

            AbstractButton {
                id: option

                required property string modelData

                objectName: "choice:" + modelData
                width: (choice.width - 6) / choice.words.length
                height: choice.height - 6
                checkable: true
                checked: modelData === choice.chosen
                focusPolicy: Qt.TabFocus
                Keys.onReturnPressed: click()
                Keys.onEnterPressed: click()
                text: modelData.charAt(0).toUpperCase() + modelData.slice(1)
                Accessible.role: Accessible.RadioButton
                Accessible.name: text
                Accessible.checked: checked
                onClicked: choice.picked(modelData)

                background: Rectangle {
                    radius: height / 2
                    color: option.checked ? Theme.raised : "transparent"
                    border.color: option.visualFocus ? Theme.accent : Theme.line
                    border.width: option.visualFocus ? 2 : option.checked ? 1 : 0
                }
                contentItem: Txt {
                    text: option.text
                    font.pixelSize: Theme.small
                    font.weight: option.checked ? Font.DemiBold : Font.Normal
                    horizontalAlignment: Text.AlignHCenter
                    verticalAlignment: Text.AlignVCenter
                }
            }
        }
    }
}
