pragma ComponentBehavior: Bound

import QtQuick
import P2pdm
import "../look"

// The open group or room: who is in it, and what the user may do about it.
PanelFrame {
    id: panel

    required property Circle circle
    readonly property bool room: circle.kind === "room"
    readonly property bool open: room && !circle.announcement
    readonly property bool belongs: circle.standing === "member"
    property bool inviting: false

    signal chatAsked(string chat)

    title: room ? "About this room" : "About this group"

    Connections {
        target: panel.circle
        function onChanged(): void {
            if (panel.circle.chat !== panel.shown)
                panel.restart();
        }
    }
    property string shown: circle.chat
    function restart(): void {
        shown = circle.chat;
        inviting = false;
        leave.asking = false;
    }

    Column {
        width: parent.width
        spacing: 4

        GroupAvatar {
            size: 88
            identity: panel.circle.chat
            name: panel.circle.name
            picture: panel.circle.picture
            room: panel.room
            announcement: panel.circle.announcement
            behind: Theme.canvas
            anchors.horizontalCenter: parent.horizontalCenter
        }
        Item {
            width: 1
            height: 6
        }
        Txt {
            width: parent.width
            text: panel.circle.name
            font.pixelSize: Math.round(Theme.title * 1.2)
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
        Txt {
            visible: panel.circle.topic.length > 0
            objectName: "topicShown"
            width: parent.width
            text: panel.circle.topic
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: 1.15
        }
        Txt {
            width: parent.width
            text: panel.circle.headcount
            color: Theme.muted
            font.pixelSize: Theme.small
            horizontalAlignment: Text.AlignHCenter
        }
        PictureChoice {
            visible: panel.circle.manages && !panel.room
            there: panel.circle.picture.length > 0
            title: "The group's picture"
            topPadding: 10
            anchors.horizontalCenter: parent.horizontalCenter
            onChosen: file => panel.circle.show_picture(file)
            onRemoved: panel.circle.hide_picture()
        }
    }
    Txt {
        visible: panel.room
        width: parent.width
        text: panel.circle.announcement ? "Everybody on this network can enter this room and read. Only those below write." : "Everybody on this network can enter this room, read and write."
        color: Theme.muted
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
    Labelled {
        visible: !panel.open
        width: parent.width
        title: panel.room ? "Announcers" : "Members"

        Column {
            x: -8
            width: parent.width + 16
            Accessible.role: Accessible.List
            Accessible.name: panel.room ? "Announcers" : "Members"

            Repeater {
                model: panel.circle.members

                MemberButton {
                    id: member
                    width: parent ? parent.width : 0
                    onAsked: menu.show(member)
                }
            }
        }
        TextButton {
            objectName: "inviteMore"
            visible: panel.circle.manages && !panel.inviting && (panel.circle.owns || !panel.room)
            width: parent.width
            text: panel.room ? "Name announcers" : "Invite people"
            onClicked: {
                panel.circle.picker.begin();
                panel.inviting = true;
            }
        }
    }
    Labelled {
        visible: panel.inviting && panel.belongs
        width: parent.width
        title: panel.room ? "Who else writes" : "Who is invited"

        PeoplePick {
            width: parent.width
            picker: panel.circle.picker
            empty: "All your contacts are in it already."
        }
        Row {
            spacing: 8

            TextButton {
                objectName: "inviteNow"
                text: panel.room ? "Name them" : "Invite"
                strong: true
                enabled: panel.circle.picker.count > 0
                onClicked: {
                    panel.circle.invite();
                    panel.inviting = false;
                }
            }
            TextButton {
                text: "Cancel"
                onClicked: panel.inviting = false
            }
        }
    }
    Labelled {
        visible: panel.circle.manages
        width: parent.width
        title: "Name"

        Field {
            id: name
            objectName: "rename"
            width: parent.width
            label: "The name that everybody sees"
            text: panel.circle.name
            maximumLength: 60
            onEditingFinished: panel.circle.describe(text, panel.circle.topic)
        }
    }
    Labelled {
        visible: panel.circle.manages
        width: parent.width
        title: "Topic"

        Field {
            id: topic
            objectName: "topic"
            width: parent.width
            label: "What it is about"
            placeholderText: "What it is about"
            text: panel.circle.topic
            maximumLength: 64
            onEditingFinished: panel.circle.describe(panel.circle.name, text)
        }
    }
    SureButton {
        id: leave
        objectName: "leaveIt"
        visible: panel.belongs && (panel.room || !panel.circle.owns)
        width: parent.width
        text: panel.room ? "Leave this room" : "Leave this group"
        question: panel.room ? "You can enter it again at any time. What was said so far stays here." : "What was said stays here. To come back, somebody has to invite you again."
        answer: "Leave"
        onAsked: panel.toEnd()
        onDecided: panel.circle.leave()
    }
    Txt {
        visible: panel.belongs && !panel.room && panel.circle.owns
        width: parent.width
        text: "You made this group, so you can't leave it."
        color: Theme.faint
        font.pixelSize: Theme.tiny
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
    }
    MemberMenu {
        id: menu
        announcement: panel.circle.announcement
        onWritten: chat => panel.chatAsked(chat)
        onPromoted: (key, on) => panel.circle.promote(key, on)
        onRemoved: (key, name, invited) => sure.ask(invited ? "Take " + name + "'s invitation back?" : "Remove " + name + "?", invited ? name + " can't join this group then, unless somebody invites them again." : name + " gets nothing that is said from now on, and keeps what was said before.", invited ? "Take it back" : "Remove", () => panel.circle.remove(key))
    }
    Ask {
        id: sure
        parent: panel
    }
}
