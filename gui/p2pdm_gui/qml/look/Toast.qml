import QtQuick

// One sentence for a few seconds, above everything.
Rectangle {
    id: toast

    function say(sentence: string): void {
        words.text = sentence;
        opacity = 1;
        hide.interval = 2500 + 40 * sentence.length;
        hide.restart();
    }

    width: Math.min(words.implicitWidth + 40, parent ? parent.width - 32 : 400)
    height: words.height + 24
    radius: Math.min(height / 2, 20)
    color: Theme.dark ? "#e9ecec" : "#23292c"
    opacity: 0
    visible: opacity > 0
    Accessible.role: Accessible.AlertMessage
    Accessible.name: words.text

    Behavior on opacity {
        NumberAnimation {
            duration: Theme.quick
        }
    }
    Txt {
        id: words
        width: parent.width - 40
        anchors.centerIn: parent
        horizontalAlignment: Text.AlignHCenter
        color: Theme.dark ? "#15191b" : "#f6f5f2"
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
    }
    Timer {
        id: hide
        onTriggered: toast.opacity = 0
    }
    TapHandler {
        onTapped: toast.opacity = 0
    }
}
