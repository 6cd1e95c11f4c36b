import QtQuick
import P2pdm
import "../look"

// A group or room in which nothing was said yet.
Hint {
    id: hint

    required property Circle circle
    readonly property bool room: circle.kind === "room"

    signal inviteAsked

    title: circle.silence.length > 0 || circle.announcement ? "Nothing was said here yet" : room ? "Say hello to everybody" : "Say hello to " + circle.name
    text: circle.announcement ? (circle.manages ? "Everybody in this room reads what you write. Name others who may write too." : "What announcers write appears here.") : room ? "Whoever enters this room reads and writes here, without being invited. Nobody has said anything yet." : circle.manages ? "What you write waits for those who have not joined yet." : "Nobody has said anything yet."

    GroupAvatar {
        size: 72
        identity: hint.circle.chat
        name: hint.circle.name
        picture: hint.circle.picture
        room: hint.room
        announcement: hint.circle.announcement
        behind: Theme.canvas
        anchors.horizontalCenter: parent ? parent.horizontalCenter : undefined
    }
}
