import QtQuick
import P2pdm
import "../look"

// The open chat, or a word when none is.
Rectangle {
    id: pane

    required property Conversation conversation
    required property Roster roster
    required property Circle circle
    required property bool narrow
    required property bool attended
    readonly property Partner partner: conversation.partner
    readonly property bool chatting: conversation.chat.length > 0
    readonly property bool asked: chatting && partner.relation === "request"
    readonly property bool invited: chatting && circle.standing === "invited"
    readonly property bool silent: chatting && circle.silence.length > 0
    readonly property bool several: circle.chat.length > 0

    signal returned
    signal looked
    signal declined
    signal menuAsked(Item button, point at)
    signal expiryAsked
    signal copied(string text)

    function focusInput(): void {
        composer.focusInput();
    }
    function focusTimeline(): void {
        timeline.focusList();
    }
    function cancelWriting(): bool {
        return conversation.writing.cancel();
    }
    function toEnd(): void {
        timeline.toEnd();
    }

    color: Theme.canvas
    clip: true

    Hint {
        visible: !pane.chatting
        anchors.centerIn: parent
        width: Math.min(parent.width - 48, 360 * Theme.scale)
        title: "Nothing is open"
        text: "Choose somebody at the left. What you write goes straight to their computer, encrypted, and nowhere else."

        Mark {
            anchors.horizontalCenter: parent.horizontalCenter
        }
    }
    ChatHeader {
        id: header
        visible: pane.chatting
        partner: pane.partner
        chat: pane.conversation.chat
        invited: pane.invited
        announcement: pane.circle.announcement
        narrow: pane.narrow
        anchors.left: parent.left
        anchors.right: parent.right
        onReturned: pane.returned()
        onLooked: pane.looked()
        onMenuAsked: (button, at) => pane.menuAsked(button, at)
        onExpiryAsked: pane.expiryAsked()
    }
    Banner {
        id: namesake
        visible: pane.chatting && pane.partner.same_name && !pane.partner.verified
        text: "Somebody else here is called " + pane.partner.name + " too. Make sure that this is who you think."
        action: "Compare"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: header.bottom
        onActed: pane.looked()
    }
    Timeline {
        id: timeline
        visible: pane.chatting && !pane.asked && !pane.invited
        conversation: pane.conversation
        roster: pane.roster
        attended: pane.attended && visible
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: namesake.visible ? namesake.bottom : header.bottom
        anchors.bottom: blocked.visible ? blocked.top : silence.visible ? silence.top : composer.visible ? composer.top : parent.bottom
        onCopied: text => pane.copied(text)
        onWriteAsked: composer.focusInput()
    }
    Hint {
        visible: !pane.several && timeline.visible && pane.conversation.loaded && timeline.count === 0
        anchors.centerIn: timeline
        width: Math.min(parent.width - 48, 340 * Theme.scale)
        title: "Say hello to " + pane.partner.name
        text: pane.partner.relation === "nearby" ? "Your first message is held apart until " + pane.partner.name + " accepts it." : "Nothing has been said here yet."

        Avatar {
            size: 72
            identity: pane.partner.person
            name: pane.partner.name
            picture: pane.partner.picture
            status: pane.partner.status
            behind: Theme.canvas
            anchors.horizontalCenter: parent.horizontalCenter
        }
    }
    GroupHint {
        visible: pane.several && timeline.visible && pane.conversation.loaded && timeline.count === 0
        circle: pane.circle
        anchors.centerIn: timeline
        width: Math.min(parent.width - 48, 340 * Theme.scale)
        onInviteAsked: pane.looked()
    }
    CardPlace {
        objectName: "invitationPlace"
        visible: pane.invited
        anchors.fill: timeline

        InvitationCard {
            width: parent.width
            circle: pane.circle
            onJoined: pane.circle.join()
            onDeclined: pane.declined()
        }
    }
    CardPlace {
        objectName: "requestPlace"
        visible: pane.asked
        anchors.fill: timeline

        RequestCard {
            width: parent.width
            partner: pane.partner
            onAccepted: pane.roster.accept(pane.partner.person)
            onDeclined: pane.roster.decline(pane.partner.person)
            onBlocked: pane.roster.block(pane.partner.person)
        }
    }
    Banner {
        id: blocked
        visible: pane.chatting && pane.partner.relation === "blocked"
        text: "You have blocked " + pane.partner.name + "."
        action: "Unblock"
        drawing: "block"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        onActed: pane.roster.unblock(pane.partner.person)
    }
    Banner {
        id: silence
        objectName: "silence"
        visible: pane.silent
        text: pane.circle.silence
        action: pane.circle.kind === "room" && pane.circle.standing === "left" ? "Enter" : ""
        calm: true
        drawing: pane.circle.announcement && pane.circle.standing === "member" ? "announce" : "info"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        onActed: pane.circle.enter()
    }
    Composer {
        id: composer
        visible: pane.chatting && !pane.asked && !pane.invited && !blocked.visible && !pane.silent
        conversation: pane.conversation
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        onEndAsked: timeline.toEnd()
    }
}
