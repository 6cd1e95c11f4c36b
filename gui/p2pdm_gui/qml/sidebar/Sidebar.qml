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
    signal sought(string chat, string message)
    signal adding
    signal grouping
    signal roomsAsked
    signal profiled
    signal lockAsked
    signal joined(string chat)
    signal refused(string chat)
    signal menuAsked(string chat, Item row, point at)

    // The menu of the chat that is pointed at, on its line.
    function showMenu(): void {
        const row = list.currentItem as ChatRow;
        if (row !== null && row.tended)
            menuAsked(row.chat, row, Qt.point(row.width / 2, row.height / 2));
    }
    // The arrow keys point at one line after the other, whatever it is; Enter takes it.
    function step(by: int): void {
        pointAt(list.currentIndex < 0 ? (by > 0 ? 0 : list.count - 1) : list.currentIndex + by);
    }
    function pointAt(row: int): void {
        list.currentIndex = Math.max(0, Math.min(list.count - 1, row));
        list.positionViewAtIndex(list.currentIndex, ListView.Contain);
    }
    function take(): void {
        const row = list.currentItem as ChatRow;
        if (row === null)
            return;
        show(row);
        if (row.message.length === 0)
            search.clear();
    }
    function show(row: ChatRow): void {
        if (row.message.length > 0)
            sought(row.chat, row.message);
        else
            chosen(row.chat);
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
        label: "Search people, chats and messages"
        placeholderText: "Search"
        drawing: "search"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: 16
        anchors.rightMargin: 16
        anchors.top: own.bottom
        anchors.topMargin: 8
        onTextChanged: {
            sidebar.roster.narrow(text);
            list.positionViewAtBeginning();
            list.currentIndex = text.length > 0 && list.count > 0 ? 0 : -1;
        }
        onActiveFocusChanged: if (activeFocus && text.length === 0)
            list.currentIndex = -1
        onAccepted: {
            if (list.currentIndex < 0)
                sidebar.step(1);
            sidebar.take();
        }
        Keys.onUpPressed: sidebar.step(-1)
        Keys.onDownPressed: sidebar.step(1)
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
            current: chat === sidebar.current && message.length === 0
            pointed: ListView.isCurrentItem && (ListView.view.activeFocus || search.activeFocus)
            onChosen: sidebar.show(line)
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
        onActiveFocusChanged: if (activeFocus && currentIndex < 0)
            sidebar.pointAt(sidebar.roster.row_of(sidebar.current))
        Keys.onDownPressed: sidebar.step(1)
        Keys.onUpPressed: sidebar.step(-1)
        Keys.onReturnPressed: sidebar.take()
        Keys.onEnterPressed: sidebar.take()
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
        visible: list.count === 0 && sidebar.roster.loaded && !sidebar.roster.looking
        search: sidebar.roster.search
        trouble: sidebar.account.trouble
        width: Math.min(parent.width - 56, 300 * Theme.scale)
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
