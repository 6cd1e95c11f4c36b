import QtQuick
import "../look"

// The first start: a name, and nothing else.
Rectangle {
    id: page

    required property string suggestion
    required property bool working
    required property string trouble

    signal begun(string name)

    color: Theme.side

    Column {
        width: Math.min(parent.width - 48, 360)
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.max(24, (parent.height - height) * 0.42)
        spacing: 16

        Mark {
            size: 72
            anchors.horizontalCenter: parent.horizontalCenter
        }
        Txt {
            width: parent.width
            text: "Welcome"
            font.pixelSize: Theme.big
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
        }
        Txt {
            width: parent.width
            text: "Talk with the people on your network. No server, no account, and no internet needed."
            color: Theme.muted
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: 1.2
        }
        Item {
            width: 1
            height: 4
        }
        Txt {
            text: "What should others call you?"
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
        }
        Field {
            id: name
            objectName: "name"
            width: parent.width
            label: "Your name"
            text: page.suggestion
            maximumLength: 60
            enabled: !page.working
            onAccepted: page.begun(text)
            Component.onCompleted: {
                forceActiveFocus();
                selectAll();
            }
        }
        TextButton {
            objectName: "begin"
            width: parent.width
            implicitHeight: 44
            strong: true
            text: page.working ? "Starting…" : "Start"
            enabled: name.text.trim().length > 0 && !page.working
            onClicked: page.begun(name.text)
        }
        Txt {
            visible: text.length > 0
            width: parent.width
            text: page.trouble
            color: Theme.danger
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
    }
}
