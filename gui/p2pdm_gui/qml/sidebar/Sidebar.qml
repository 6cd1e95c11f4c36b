pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import P2pdm
import "../look"

// People and chats.
Rectangle {
    id: sidebar

    required property Roster roster
    required property Account account
    required property Oneself oneself
    required property string current
    required property bool lockable

    signal chosen(string chat)
    signal adding
    signal grouping
    signal roomsAsked
    signal profiled
    signal lockAsked
    signal joined(string chat)
    signal refused(string chat)
    signal menuAsked(string chat, Item row, point at)

    // The menu of the chat that is open, on its line.
    function showMenu(): void {
        const row = list.itemAtIndex(roster.row_of(current)) as ChatRow;
        if (row !== null && row.tended)
            menuAsked(current, row, Qt.point(row.width / 2, row.height / 2));
    }

    function offerNew(): void {
        news.popup(add, add.width - news.width, add.height + 4);
        news.currentIndex = 0;
    }

    function focusSearch(): void {
        search.forceActiveFocus(Qt.ShortcutFocusReason);
        search.selectAll();
    }
    function clearSearch(): bool {
        const had = search.text.length > 0;
        search.clear();
        return had;
    }

    color: Theme.side

    OwnName {
        id: own
        objectName: "own"
        identity: sidebar.account.id
        name: sidebar.account.name
        picture: sidebar.oneself.picture
        status: sidebar.oneself.shown_status
        anchors.left: parent.left
        anchors.leftMargin: 10
        anchors.right: lock.visible ? lock.left : rooms.left
        anchors.rightMargin: 4
        y: 8
        onClicked: sidebar.profiled()
    }
    IconButton {
        id: lock
        objectName: "lock"
        visible: sidebar.lockable
        drawing: "lock"
        label: "Lock now (Ctrl+L)"
        anchors.right: rooms.left
        anchors.verticalCenter: own.verticalCenter
        onClicked: sidebar.lockAsked()
    }
    IconButton {
        id: rooms
        objectName: "rooms"
        drawing: "room"
        label: "Rooms of this network"
        anchors.right: add.left
        anchors.verticalCenter: own.verticalCenter
        onClicked: sidebar.roomsAsked()
    }
    IconButton {
        id: add
        objectName: "add"
        drawing: "add"
        label: "New (Ctrl+N)"
        anchors.right: parent.right
        anchors.rightMargin: 12
        anchors.verticalCenter: own.verticalCenter
        onClicked: sidebar.offerNew()
    }
    NewMenu {
        id: news
        onAdding: sidebar.adding()
        onGrouping: sidebar.grouping()
        onRoomsAsked: sidebar.roomsAsked()
    }
    Field {
        id: search
        objectName: "search"
        label: "Search people and chats"
        placeholderText: "Search"
        drawing: "search"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: 16
        anchors.rightMargin: 16
        anchors.top: own.bottom
        anchors.topMargin: 8
        onTextChanged: sidebar.roster.narrow(text)
        onAccepted: {
            const first = list.itemAtIndex(0) as ChatRow;
            if (first !== null) {
                sidebar.chosen(first.chat);
                clear();
            }
        }
    }
    ListView {
        id: list
        objectName: "chats"
        anchors.top: search.bottom
        anchors.topMargin: 6
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: foot.top
        clip: true
        currentIndex: -1
        highlightFollowsCurrentItem: false
        acceptedButtons: Qt.NoButton
        boundsBehavior: Flickable.StopAtBounds
        bottomMargin: 12
        model: sidebar.roster.rows
        activeFocusOnTab: true
        keyNavigationEnabled: false
        Accessible.role: Accessible.List
        Accessible.name: "People and chats"
        section.property: "section"
        section.delegate: SectionTitle {
            width: ListView.view.width
        }
        delegate: ChatRow {
            id: line
            width: ListView.view.width
            current: chat === sidebar.current
            onChosen: chat => sidebar.chosen(chat)
            onAccepted: person => sidebar.roster.accept(person)
            onDeclined: person => sidebar.roster.decline(person)
            onJoined: chat => sidebar.joined(chat)
            onRefused: chat => sidebar.refused(chat)
            onMenuAsked: (chat, at) => sidebar.menuAsked(chat, line, at)
        }
        move: Transition {
            NumberAnimation {
                property: "y"
                duration: Theme.quick
                easing.type: Easing.OutCubic
            }
        }
        displaced: Transition {
            NumberAnimation {
                property: "y"
                duration: Theme.quick
                easing.type: Easing.OutCubic
            }
        }
        ScrollBar.vertical: ScrollBar {}
        Keys.onDownPressed: sidebar.chosen(sidebar.roster.neighbour(sidebar.current, 1))
        Keys.onUpPressed: sidebar.chosen(sidebar.roster.neighbour(sidebar.current, -1))
        Keys.onMenuPressed: sidebar.showMenu()
        Keys.onPressed: event => {
            if (event.key === Qt.Key_F10 && event.modifiers & Qt.ShiftModifier) {
                sidebar.showMenu();
                event.accepted = true;
            }
        }

        WheelHandler {
            target: null
            onWheel: event => {
                const step = event.pixelDelta.y !== 0 ? event.pixelDelta.y : event.angleDelta.y * 0.7;
                const lowest = Math.max(list.originY, list.originY + list.contentHeight + list.bottomMargin - list.height);
                list.contentY = Math.max(list.originY, Math.min(lowest, list.contentY - step));
            }
        }
    }
    EmptyList {
        visible: list.count === 0 && sidebar.roster.loaded
        search: sidebar.roster.search
        trouble: sidebar.account.trouble
        width: Math.min(parent.width - 56, 300)
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.max(search.y + search.height + 40, (parent.height - height) / 2)
        onInvited: sidebar.adding()
    }
    Column {
        id: foot
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.leftMargin: 12
        anchors.rightMargin: 12
        anchors.bottomMargin: height > 0 ? 12 : 0
        spacing: 8

        Repeater {
            model: list.count > 0 ? sidebar.account.news : []

            Trouble {
                required property string modelData
                sentence: modelData
                width: foot.width
                onPutAway: sidebar.account.put_away(sentence)
            }
        }
    }
}
