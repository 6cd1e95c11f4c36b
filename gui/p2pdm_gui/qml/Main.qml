pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import P2pdm
import "look"
import "sidebar"
import "chat"
import "keys"
import "panel"
import "start"

// The window: hands each part what it needs, and decides what is seen at which width.
ApplicationWindow {
    id: window

    required property Connection connection
    required property Lock lock
    required property Looks looks
    required property Account account
    required property Oneself oneself
    required property Roster roster
    required property Conversation conversation
    required property Care care
    required property Card card
    required property Circle circle
    required property Rooms rooms
    required property NewGroup new_group
    required property Start start

    readonly property bool narrow: width < 720 * Theme.scale
    readonly property bool roomy: width >= 1080 * Theme.scale
    readonly property bool mirrored: Application.layoutDirection === Qt.RightToLeft
    readonly property bool chatting: conversation.chat.length > 0
    property string panel: ""

    function openChat(chat: string): void {
        if (chat.length === 0)
            return;
        conversation.open(chat);
        if (panel === "person" || panel === "group")
            panel = about();
        if (panel === "person")
            card.show(conversation.partner.person);
        if (panel === "add" || panel === "newGroup" || panel === "rooms" || narrow)
            panel = "";
        chatPane.focusInput();
    }
    function about(): string {
        return conversation.partner.person.length > 0 ? "person" : circle.chat.length > 0 && circle.standing !== "invited" ? "group" : "";
    }
    function openPanel(name: string): void {
        if (name === "person")
            card.show(conversation.partner.person);
        panel = name;
    }
    // The list of chats is seen, also where there is no room for it beside a chat.
    function showList(): void {
        if (narrow) {
            panel = "";
            conversation.open("");
        }
    }
    function copy(text: string): void {
        account.copy(text);
        toast.say("Copied");
    }
    function stepBack(): void {
        if (chatPane.visible && chatPane.cancelWriting()) {
            chatPane.focusInput();
        } else if (panel.length > 0) {
            panel = "";
            chatPane.focusInput();
        } else if (sidebar.clearSearch() || !chatting) {
            chatPane.focusInput();
        } else if (narrow) {
            conversation.open("");
        } else {
            chatPane.toEnd();
        }
    }
    function nextPane(): void {
        if (!chatting)
            sidebar.focusSearch();
        else if (composerFocused())
            sidebar.focusSearch();
        else if (activeFocusItem !== null && activeFocusItem.objectName === "search")
            chatPane.focusTimeline();
        else
            chatPane.focusInput();
    }
    function composerFocused(): bool {
        return activeFocusItem !== null && activeFocusItem.objectName === "composer";
    }

    width: 1000
    height: 700
    minimumWidth: 360
    minimumHeight: 480
    visible: true
    title: roster.unread > 0 && !connection.locked ? "(" + roster.unread + ") p2pdm" : "p2pdm"
    color: Theme.canvas
    LayoutMirroring.enabled: mirrored
    LayoutMirroring.childrenInherit: true

    palette {
        window: Theme.raised
        windowText: Theme.ink
        base: Theme.raised
        text: Theme.ink
        light: Theme.hover
        midlight: Theme.hover
        dark: Theme.line
        mid: Theme.faint
        toolTipBase: Theme.raised
        toolTipText: Theme.ink
        highlight: Theme.accent
        highlightedText: Theme.accentInk
    }

    Binding {
        target: Theme
        property: "dark"
        value: window.looks.dark
    }
    Binding {
        target: Theme
        property: "scale"
        value: window.looks.scale / 100
    }
    Connections {
        target: window.roster
        function onMet(chat: string): void {
            window.openChat(chat);
        }
        function onForgotten(): void {
            window.panel = "";
        }
    }
    Connections {
        target: window.rooms
        function onEntered(chat: string): void {
            window.openChat(chat);
        }
    }
    Connections {
        target: window.new_group
        function onMade(chat: string): void {
            window.openChat(chat);
        }
    }
    Connections {
        target: window.circle
        function onDeclined(chat: string): void {
            if (window.conversation.chat === chat)
                window.conversation.open("");
        }
    }
    Connections {
        target: window.connection
        function onReached(): void {
            late.passed = false;
        }
    }

    Banner {
        id: gone
        objectName: "gone"
        visible: late.passed && !window.start.needed
        text: window.connection.trouble || "Connecting…"
        action: window.start.working ? "" : "Try again"
        calm: window.start.working
        drawing: window.start.working ? "nearby" : "alert"
        anchors.left: parent.left
        anchors.right: parent.right
        onActed: window.start.again()

        Timer {
            id: late
            property bool passed: false
            interval: 400
            running: !window.connection.online && !passed
            onTriggered: passed = true
        }
    }
    Item {
        id: house

        readonly property real beside: window.narrow ? 0 : sidebar.width + edge.width

        visible: !window.start.needed && !window.connection.locked
        anchors.top: gone.visible ? gone.bottom : parent.top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom

        Sidebar {
            id: sidebar
            visible: !window.narrow || !window.chatting && window.panel.length === 0
            roster: window.roster
            account: window.account
            oneself: window.oneself
            current: window.conversation.chat
            lockable: window.lock.there
            anchors.left: parent.left
            anchors.top: parent.top
            anchors.bottom: parent.bottom
            width: window.narrow ? parent.width : Math.round(Math.max(280 * Theme.scale, Math.min(360 * Theme.scale, parent.width * 0.3)))
            onChosen: chat => window.openChat(chat)
            onSought: (chat, message) => {
                window.openChat(chat);
                window.conversation.seek(message);
            }
            onAdding: window.openPanel("add")
            onGrouping: window.openPanel("newGroup")
            onRoomsAsked: window.openPanel("rooms")
            onJoined: chat => {
                window.openChat(chat);
                window.circle.join();
            }
            onRefused: chat => window.circle.decline(chat)
            onMenuAsked: (chat, row, at) => chatCare.show(chat, row, at)
            onProfiled: window.openPanel("me")
            onLockAsked: window.lock.lock()
        }
        Rectangle {
            id: edge
            visible: !window.narrow
            width: 1
            color: Theme.line
            anchors.left: sidebar.right
            anchors.top: parent.top
            anchors.bottom: parent.bottom
        }
        ChatPane {
            id: chatPane
            visible: window.narrow ? window.chatting && window.panel.length === 0 : window.roomy || window.panel.length === 0
            conversation: window.conversation
            roster: window.roster
            circle: window.circle
            narrow: window.narrow
            attended: window.active && visible
            x: window.mirrored ? (side.visible && window.roomy ? side.width : 0) : house.beside
            width: house.width - house.beside - (side.visible && window.roomy ? side.width : 0)
            height: house.height
            onReturned: window.conversation.open("")
            onLooked: window.openPanel(window.about())
            onDeclined: window.circle.decline(window.conversation.chat)
            onCopied: text => window.copy(text)
            onMenuAsked: (button, at) => chatCare.show(window.conversation.chat, button, at)
            onExpiryAsked: chatCare.askExpiry(window.conversation.chat)
        }
        SidePanel {
            id: side
            name: window.panel
            account: window.account
            oneself: window.oneself
            roster: window.roster
            care: window.care
            card: window.card
            circle: window.circle
            rooms: window.rooms
            new_group: window.new_group
            lock: window.lock
            looks: window.looks
            x: window.mirrored ? 0 : house.width - width
            width: window.roomy ? Theme.sized(340) : house.width - house.beside
            height: house.height
            onClosed: window.stepBack()
            onCopied: text => window.copy(text)
            onChatAsked: chat => window.openChat(chat)
            onKeysAsked: keys.show()
        }
    }
    Loader {
        anchors.fill: parent
        active: window.start.needed
        sourceComponent: StartPage {
            suggestion: window.start.suggestion
            working: window.start.working
            trouble: window.start.trouble
            onBegun: name => window.start.begin(name)
        }
    }
    LockPage {
        id: lockPage
        visible: window.connection.locked
        working: window.lock.working
        trouble: window.lock.trouble
        onTried: passphrase => window.lock.unlock(passphrase)
        onLeft: window.close()
        onClosed: chatPane.focusInput()

        Connections {
            target: window.lock
            function onRefused(): void {
                lockPage.again();
            }
        }
    }
    ChatCare {
        id: chatCare
        visible: house.visible
        anchors.fill: parent
        care: window.care
        onLeaving: {
            if (window.care.chat === window.conversation.chat)
                window.conversation.open("");
        }
    }
    Toast {
        id: toast
        objectName: "toast"
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 88
        z: 10
        Component.onCompleted: {
            for (const told of [window.connection.failed, window.oneself.refused, window.care.said, window.conversation.forwarder.said])
                told.connect(toast.say);
        }
    }
    Shortcuts {
        id: keys
        roster: window.roster
        conversation: window.conversation
        lock: window.lock
        looks: window.looks
        awake: house.visible
        onSteppedBack: window.stepBack()
        onSearchAsked: {
            window.showList();
            sidebar.focusSearch();
        }
        onChatAsked: chat => window.openChat(chat)
        onPaneAsked: window.nextPane()
        onEndAsked: chatPane.toEnd()
        onNewAsked: {
            window.showList();
            sidebar.offerNew();
        }
        onProfileAsked: window.openPanel("me")
        onCloseAsked: window.close()
    }
}
