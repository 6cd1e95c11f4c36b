pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import "../look"

// The first line of a bubble's menu: an emoji to react with. Left and right choose, Enter takes it.
MenuItem {
    id: row

    required property string own
    property bool offered: true
    property int at: 0
    readonly property int size: Math.round(38 * Math.max(1, Theme.scale))
    readonly property list<string> emoji: ["👍", "❤️", "😂", "😮", "😢", "🙏"]
    readonly property list<string> names: ["thumbs up", "heart", "laughing", "surprised", "sad", "thanks"]

    signal chosen(string value)

    function step(by: int): void {
        at = (at + by + emoji.length) % emoji.length;
    }

    objectName: "react"
    visible: offered
    enabled: offered
    height: offered ? implicitHeight : 0
    implicitHeight: emojis.height + 8
    leftPadding: 4
    rightPadding: 4
    topPadding: 4
    bottomPadding: 4
    Accessible.role: Accessible.MenuItem
    Accessible.name: (own === emoji[at] ? "Take back the reaction: " : "React: ") + names[at] + ", " + (at + 1) + " of " + emoji.length
    onTriggered: chosen(emoji[at])
    Keys.onLeftPressed: step(row.mirrored ? 1 : -1)
    Keys.onRightPressed: step(row.mirrored ? -1 : 1)

    background: Item {}
    contentItem: Item {
        implicitWidth: emojis.width
        implicitHeight: emojis.height

        Row {
            id: emojis
            spacing: 2

            Repeater {
                model: row.emoji

                AbstractButton {
                    id: face

                    required property int index
                    required property string modelData
                    readonly property bool mine: row.own === modelData

                    objectName: "emoji:" + modelData
                    implicitWidth: row.size
                    implicitHeight: row.size
                    hoverEnabled: true
                    focusPolicy: Qt.NoFocus
                    Accessible.role: Accessible.Button
                    Accessible.name: row.names[index]
                    onHoveredChanged: if (hovered)
                        row.at = index
                    onClicked: row.chosen(modelData)

                    background: Rectangle {
                        radius: height / 2
                        color: face.mine ? Theme.chosen : face.hovered ? Theme.hover : "transparent"
                        border.color: Theme.accent
                        border.width: row.highlighted && row.at === face.index && !face.hovered ? 2 : face.mine ? 1 : 0
                    }
                    contentItem: Text {
                        text: face.modelData
                        textFormat: Text.PlainText
                        font.pixelSize: Math.round(row.size * (face.hovered ? 0.63 : 0.55))
                        horizontalAlignment: Text.AlignHCenter
                        verticalAlignment: Text.AlignVCenter
                    }
                }
            }
        }
    }
}
