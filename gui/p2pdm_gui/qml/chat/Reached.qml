pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Window
import P2pdm
import "../look"

// Who has an own message, who has read it, and for whom it waits; kept up to date while it is open.
Pop {
    id: sheet

    required property Conversation conversation
    required property Roster roster
    property string key: ""
    property var states: [] // a list of {person, name, stage, title, when}

    function show(bubble: MessageBubble): void {
        key = bubble.key;
        states = conversation.reach(key);
        parent = bubble;
        x = bubble.atRight ? Math.max(20, bubble.width - width - 20) : 20;
        y = bubble.height;
        open();
        place();
        conversation.look(key);
    }

    // Below the message, or above it where there is no room.
    function place(): void {
        const bubble = parent as MessageBubble;
        if (bubble === null)
            return;
        const below = bubble.Window.height - bubble.mapToItem(null, 0, bubble.height).y;
        y = below > height + 12 ? bubble.height : bubble.middle().y - height - 24;
    }

    objectName: "reached"
    onHeightChanged: place()
    width: Math.min(320 * Theme.scale, parent ? parent.width - 40 : 320)
    height: Math.min(implicitHeight, 360)
    closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutside

    Connections {
        enabled: sheet.visible
        target: sheet.conversation
        function onCounted(): void {
            sheet.states = sheet.conversation.reach(sheet.key);
        }
    }
    contentItem: Scroller {
        Accessible.role: Accessible.Dialog
        Accessible.name: "Who has this message"
        padding: 0
        spacing: 2
        implicitHeight: contentHeight

        Repeater {
            model: sheet.states

            Column {
                id: line

                required property var modelData
                required property int index

                width: parent ? parent.width : 0
                spacing: 2

                Row {
                    visible: line.modelData.title.length > 0
                    spacing: 6
                    topPadding: line.index > 0 ? 10 : 0
                    bottomPadding: 2

                    StateSign {
                        stage: line.modelData.stage
                        tint: line.modelData.stage === "read" ? Theme.accent : Theme.muted
                        anchors.verticalCenter: heading.verticalCenter
                    }
                    Txt {
                        id: heading
                        text: line.modelData.title
                        color: Theme.muted
                        font.pixelSize: Theme.tiny
                        font.weight: Font.DemiBold
                        Accessible.role: Accessible.Heading
                        Accessible.name: text
                    }
                }
                Item {
                    objectName: "reach:" + line.modelData.name
                    width: parent.width
                    height: Math.max(Theme.sized(34), when.height + 10)
                    Accessible.role: Accessible.ListItem
                    Accessible.name: line.modelData.name + ", " + line.modelData.when

                    Avatar {
                        id: face
                        size: 24
                        identity: line.modelData.person
                        name: line.modelData.name
                        picture: sheet.roster.face(line.modelData.person)
                        anchors.left: parent.left
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    Txt {
                        id: who
                        text: line.modelData.name
                        font.pixelSize: Theme.small
                        elide: Text.ElideRight
                        width: Math.min(implicitWidth, parent.width * 0.5)
                        anchors.left: face.right
                        anchors.leftMargin: 10
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    Txt {
                        id: when
                        text: line.modelData.when
                        color: Theme.muted
                        font.pixelSize: Theme.tiny
                        wrapMode: Text.Wrap
                        horizontalAlignment: Text.AlignRight
                        anchors.left: who.right
                        anchors.leftMargin: 12
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                    }
                }
            }
        }
    }
}
