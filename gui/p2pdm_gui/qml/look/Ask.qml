import QtQuick

// One question before something that is not easily undone.
Pop {
    id: sheet

    property string question: ""
    property string about: ""
    property string answer: ""
    property var then: null // what to do on a yes

    function ask(question: string, about: string, answer: string, then: var): void {
        sheet.question = question;
        sheet.about = about;
        sheet.answer = answer;
        sheet.then = then;
        open();
        keep.forceActiveFocus(Qt.TabFocusReason);
    }

    objectName: "asked"
    modal: true
    dim: true
    padding: 20
    width: Math.min(360 * Theme.scale, parent ? parent.width - 32 : 360)
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: parent ? Math.round((parent.height - height) / 2) : 0

    contentItem: Column {
        spacing: 10
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
        Row {
            anchors.right: parent.right
            topPadding: 6
            spacing: 8

            TextButton {
                id: keep
                objectName: "no"
                text: "Cancel"
                Keys.onRightPressed: yes.forceActiveFocus(Qt.TabFocusReason)
                onClicked: sheet.close()
            }
            TextButton {
                id: yes
                objectName: "yes"
                text: sheet.answer
                strong: true
                grave: true
                Keys.onLeftPressed: keep.forceActiveFocus(Qt.TabFocusReason)
                onClicked: {
                    sheet.close();
                    sheet.then();
                }
            }
        }
    }
}
