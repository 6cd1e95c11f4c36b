import QtQuick
import "../look"

// Something that can't be taken back: asks once more, in place.
Column {
    id: sure

    required property string text
    required property string question
    required property string answer
    property bool asking: false

    signal decided
    signal asked

    spacing: 10

    TextButton {
        objectName: "ask"
        visible: !sure.asking
        text: sure.text
        grave: true
        width: parent.width
        onClicked: {
            sure.asking = true;
            sure.asked();
        }
    }
    Txt {
        visible: sure.asking
        width: parent.width
        text: sure.question
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        lineHeight: 1.15
    }
    Row {
        visible: sure.asking
        spacing: 8

        TextButton {
            objectName: "sure"
            text: sure.answer
            strong: true
            grave: true
            onClicked: {
                sure.asking = false;
                sure.decided();
            }
        }
        TextButton {
            text: "Keep"
            onClicked: sure.asking = false
        }
    }
}
