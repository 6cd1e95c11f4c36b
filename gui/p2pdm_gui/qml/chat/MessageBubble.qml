pragma ComponentBehavior: Bound

import QtQuick
import "../look"

// What somebody said. Text is plain unless it holds links, which the controller has marked up and escaped.
Item {
    id: bubble

    required property string key
    required property string sender
    required property string name
    required property string text
    required property string markup
    required property string clock
    required property string date
    required property string day
    required property string stage
    required property string note
    required property bool mine
    required property bool first
    required property bool last
    required property bool divider
    required property string label
    property bool named: false

    signal linked(string key, int number)
    signal menuAsked(string text)

    readonly property int pad: 12
    readonly property real widest: Math.min(560 * Theme.scale, width - 96) - 2 * pad
    readonly property real metaWidth: meta.width + 10
    readonly property bool besides: words.effectiveHorizontalAlignment === Text.AlignLeft && words.lastLine + metaWidth <= widest
    readonly property real inner: Math.max(words.width, besides ? words.lastLine + metaWidth : meta.width, author.visible ? author.width : 0)

    objectName: "bubble:" + text
    height: above.height + ground.height + below.height + (first ? 8 : 2)
    Accessible.role: Accessible.ListItem
    Accessible.name: label

    Column {
        id: above
        width: parent.width

        Loader {
            active: bubble.day.length > 0
            visible: active
            width: parent.width
            height: active ? 44 : 0
            sourceComponent: Item {
                DayPill {
                    text: bubble.day
                    anchors.centerIn: parent
                }
            }
        }
        Loader {
            active: bubble.divider
            visible: active
            width: parent.width
            sourceComponent: UnreadDivider {}
        }
    }
    Rectangle {
        id: ground
        x: bubble.mine !== bubble.LayoutMirroring.enabled ? bubble.width - width - 20 : 20
        anchors.top: above.bottom
        anchors.topMargin: bubble.first ? 8 : 2
        LayoutMirroring.enabled: false // inside, what is said has its own direction
        LayoutMirroring.childrenInherit: true
        width: bubble.inner + 2 * bubble.pad
        height: words.y + words.height + (bubble.besides ? 0 : meta.height + 2) + 8
        color: bubble.mine ? Theme.mine : Theme.theirs
        radius: 16
        topLeftRadius: bubble.mine || bubble.first ? 16 : 6
        bottomLeftRadius: bubble.mine || bubble.last ? 16 : 6
        topRightRadius: !bubble.mine || bubble.first ? 16 : 6
        bottomRightRadius: !bubble.mine || bubble.last ? 16 : 6

        Txt {
            id: author
            visible: bubble.named && bubble.first && !bubble.mine
            text: bubble.name
            color: Theme.personColour(bubble.sender)
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
            x: bubble.pad
            y: 6
        }
        Text {
            id: words

            property real lastLine: 0

            x: bubble.pad
            y: author.visible ? author.y + author.height + 2 : 8
            width: Math.min(Math.ceil(implicitWidth), bubble.widest)
            text: bubble.markup || bubble.text
            textFormat: bubble.markup ? Text.StyledText : Text.PlainText
            wrapMode: Text.Wrap
            color: Theme.ink
            linkColor: Theme.accent
            font.pixelSize: Theme.body
            lineHeight: 1.12
            onLineLaidOut: line => {
                if (line.isLast)
                    lastLine = line.implicitWidth;
            }
            onLinkActivated: link => bubble.linked(bubble.key, Number(link))

            HoverHandler {
                enabled: words.hoveredLink.length > 0
                cursorShape: Qt.PointingHandCursor
            }
        }
        Row {
            id: meta
            anchors.right: parent.right
            anchors.rightMargin: bubble.pad - 2
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 6
            spacing: 3

            Txt {
                text: bubble.clock
                color: bubble.mine ? Theme.mineMuted : Theme.muted
                font.pixelSize: Theme.tiny
                anchors.verticalCenter: parent.verticalCenter
            }
            StateSign {
                visible: bubble.mine
                stage: bubble.stage
                tint: bubble.stage === "read" ? Theme.accent : bubble.stage === "failed" ? Theme.danger : Theme.mineMuted
                anchors.verticalCenter: parent.verticalCenter
            }
        }
        TapHandler {
            acceptedButtons: Qt.RightButton
            onTapped: bubble.menuAsked(bubble.text)
        }
        TapHandler {
            acceptedDevices: PointerDevice.TouchScreen
            onLongPressed: bubble.menuAsked(bubble.text)
        }
    }
    Item {
        id: below
        visible: bubble.note.length > 0
        height: visible ? why.implicitHeight + 6 : 0
        width: Math.min(why.implicitWidth, bubble.width - 64)
        anchors.top: ground.bottom
        x: bubble.LayoutMirroring.enabled ? 24 : bubble.width - width - 24

        Txt {
            id: why
            objectName: "note"
            width: parent.width
            y: 4
            text: bubble.note
            color: bubble.stage === "failed" ? Theme.danger : bubble.stage === "read" ? Theme.accent : Theme.muted
            font.pixelSize: Theme.tiny
            horizontalAlignment: Text.AlignRight
            wrapMode: Text.Wrap
        }
    }
}
