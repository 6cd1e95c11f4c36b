pragma ComponentBehavior: Bound

import QtQuick
import P2pdm
import "../look"

// The messages. `following` is what the user wants, to stay at the end; it is never read off the geometry of
// the list, only set by what the user does.
Item {
    id: timeline

    required property Conversation conversation
    required property Roster roster
    required property bool attended
    property bool following: true

    signal copied(string text)
    signal writeAsked

    readonly property bool atEnd: list.count === 0 || bottomRow >= list.count - 1 && list.contentY >= lowest - 2
    readonly property real lowest: Math.max(list.originY - list.topMargin, list.originY + list.contentHeight + list.bottomMargin - list.height)
    readonly property int count: list.count
    property string pointedAt: ""
    property int topRow: 0
    property int bottomRow: 0

    function focusList(): void {
        list.forceActiveFocus(Qt.TabFocusReason);
    }
    function toEnd(): void {
        following = true;
        settle.restart();
    }
    // A short chat stands at the bottom, on the composer. Set, not bound: the height of the content follows the view.
    function fit(): void {
        list.topMargin = Math.max(8, list.height - list.contentHeight - list.bottomMargin);
    }
    function scrollBy(pixels: real): void {
        list.contentY = Math.max(list.originY - list.topMargin, Math.min(lowest, list.contentY + pixels));
        moved();
    }
    function moved(): void {
        measure();
        following = atEnd;
        pill.show();
    }
    // The next message further up or down becomes the current one; what is higher than the view is scrolled first.
    function step(by: int): void {
        const item = list.currentItem;
        const beyond = item === null ? 0 : by < 0 ? list.contentY - item.y : item.y + item.height - list.contentY - list.height;
        if (beyond > 0) {
            scrollBy(by * Math.min(beyond + 8, 60));
            return;
        }
        list.currentIndex = item === null ? bottomRow : Math.max(0, Math.min(list.count - 1, list.currentIndex + by));
        if (list.currentIndex === list.count - 1)
            list.contentY = lowest;
        else if (list.currentItem !== null && list.currentItem.height <= list.height)
            list.positionViewAtIndex(list.currentIndex, ListView.Contain);
        moved();
    }
    function showMenu(): void {
        if (list.currentItem === null)
            list.currentIndex = bottomRow;
        const bubble = list.currentItem as MessageBubble;
        if (bubble !== null)
            menu.show(bubble, bubble.middle());
    }
    function point(key: string, row: int): void {
        list.forceLayout();
        list.positionViewAtIndex(row, ListView.Center);
        moved();
        pointedAt = key;
        unpoint.restart();
    }
    function measure(): void {
        const middle = list.width / 2;
        const top = list.indexAt(middle, list.contentY + 4);
        const bottom = list.indexAt(middle, list.contentY + list.height - list.bottomMargin - 4);
        topRow = Math.max(0, top);
        bottomRow = bottom >= 0 ? bottom : list.contentY >= lowest - 2 ? list.count - 1 : topRow;
        if (topRow < 12)
            conversation.load_older();
    }
    function attend(): void {
        if (attended && following)
            conversation.read();
    }
    // Bubbles that wait to be used again would go on showing the chat before: they are let go first.
    function turn(): void {
        list.reuseItems = false;
        list.model = conversation.messages;
        list.reuseItems = true;
    }
    function openAt(row: int): void {
        list.forceLayout();
        fit();
        if (row >= 0) {
            list.positionViewAtIndex(row, ListView.Beginning);
            list.contentY = Math.max(list.originY - list.topMargin, list.contentY - 12);
            measure();
        }
        following = row < 0 || atEnd;
        if (following)
            list.positionViewAtEnd();
        measure();
    }

    Component.onCompleted: turn()
    onAttendedChanged: attend()
    onFollowingChanged: attend()

    Connections {
        target: timeline.conversation
        function onSwitched(): void {
            timeline.following = false; // nothing is read before its place is known
            list.currentIndex = -1;
            timeline.turn();
        }
        function onOpened(unread_row: int): void {
            timeline.openAt(unread_row);
        }
        function onFound(key: string, row: int): void {
            timeline.point(key, row);
        }
        function onSent(): void {
            timeline.toEnd();
        }
        function onCounted(): void {
            timeline.attend();
        }
    }
    Connections {
        id: faces

        property int looked: 0 // a picture may have come

        target: timeline.roster
        function onChanged(): void {
            faces.looked++;
        }
    }
    // One turn later, when the rows that changed have their heights.
    Timer {
        id: settle
        interval: 0
        onTriggered: {
            timeline.fit();
            if (timeline.following)
                list.positionViewAtEnd();
            timeline.measure();
        }
    }
    Timer {
        id: unpoint
        interval: 1200
        onTriggered: timeline.pointedAt = ""
    }
    ListView {
        id: list
        objectName: "timeline"
        anchors.fill: parent
        clip: true
        currentIndex: -1
        highlightFollowsCurrentItem: false
        keyNavigationEnabled: false
        acceptedButtons: Qt.NoButton
        boundsBehavior: Flickable.StopAtBounds
        verticalLayoutDirection: ListView.TopToBottom
        cacheBuffer: 600
        reuseItems: true
        topMargin: 8
        bottomMargin: 12
        activeFocusOnTab: true
        Accessible.role: Accessible.List
        Accessible.name: "Messages"
        delegate: MessageBubble {
            id: bubble
            width: ListView.view.width
            showsAuthor: timeline.conversation.partner.kind === "group" || timeline.conversation.partner.kind === "room"
            face: faces.looked >= 0 && faced && last ? timeline.roster.face(sender) : ""
            current: ListView.isCurrentItem && ListView.view.activeFocus
            pointed: key === timeline.pointedAt
            menuOpen: menu.opened && menu.key === key
            onLinked: (key, number) => timeline.conversation.follow_link(key, number)
            onMenuAsked: at => menu.show(bubble, at)
            onVersionsAsked: versions.show(bubble)
            onStatesAsked: reached.show(bubble)
            onSought: key => timeline.conversation.seek(key)
            onReacted: (key, value) => timeline.conversation.react(key, value)
        }
        onContentHeightChanged: settle.restart()
        onHeightChanged: settle.restart()
        onCountChanged: settle.restart()
        onMovementEnded: timeline.moved()
        Keys.onUpPressed: timeline.step(-1)
        Keys.onDownPressed: timeline.step(1)
        Keys.onReturnPressed: timeline.showMenu()
        Keys.onMenuPressed: timeline.showMenu()
        Keys.onPressed: event => {
            if (event.key === Qt.Key_PageUp)
                timeline.scrollBy(-0.9 * height);
            else if (event.key === Qt.Key_PageDown)
                timeline.scrollBy(0.9 * height);
            else if (event.key === Qt.Key_End)
                timeline.toEnd();
            else if (event.key === Qt.Key_F10 && event.modifiers & Qt.ShiftModifier)
                timeline.showMenu();
            else
                return;
            event.accepted = true;
        }

        WheelHandler {
            target: null
            onWheel: event => timeline.scrollBy(event.pixelDelta.y !== 0 ? -event.pixelDelta.y : -event.angleDelta.y * 0.7)
        }
    }
    Rectangle {
        anchors.fill: list
        color: "transparent"
        radius: 4
        border.color: Theme.accent
        border.width: list.activeFocus ? 2 : 0
    }
    DayPill {
        id: pill

        property bool shown: false

        function show(): void {
            const row = list.itemAtIndex(timeline.topRow) as MessageBubble;
            if (row === null)
                return;
            text = row.date;
            shown = row.day.length === 0 || list.contentY > row.y + 30;
            fade.restart();
        }

        text: ""
        anchors.horizontalCenter: parent.horizontalCenter
        y: 8
        opacity: shown ? 1 : 0
        visible: opacity > 0

        Behavior on opacity {
            NumberAnimation {
                duration: Theme.quick
            }
        }
        Timer {
            id: fade
            interval: 1200
            onTriggered: pill.shown = false
        }
    }
    RowScrollBar {
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        anchors.margins: 2
        rows: list.count
        firstRow: timeline.topRow
        shown: Math.max(1, timeline.bottomRow - timeline.topRow + 1)
        moving: pill.shown
        onDragged: row => {
            list.positionViewAtIndex(row, ListView.Center);
            timeline.moved();
        }
    }
    JumpButton {
        objectName: "jump"
        visible: !timeline.following && list.count > 0
        fresh: timeline.conversation.fresh
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: 16
        onClicked: timeline.toEnd()
    }
    BubbleMenu {
        id: menu
        onReplied: key => {
            timeline.conversation.reply(key);
            timeline.writeAsked();
        }
        onRewritten: key => {
            timeline.conversation.edit(key);
            timeline.writeAsked();
        }
        onReacted: (key, value) => timeline.conversation.react(key, value)
        onCopied: text => timeline.copied(text)
        onLookedBack: versions.show(menu.bubble)
        onStatesAsked: reached.show(menu.bubble)
        onPinAsked: (key, on) => timeline.conversation.pin(key, on)
        onForwardAsked: key => {
            timeline.conversation.forward(key);
            forward.choose();
        }
        onTakenBack: key => asked.ask("Take this message back?", "Its text is erased here and on every computer that this reaches. Who has read it already can't unread it.", "Take back", () => timeline.conversation.unsend(key))
        onDeleted: key => asked.ask("Delete this message for you?", "It is erased on this computer, for good. The others keep it.", "Delete", () => timeline.conversation.delete(key))
    }
    Versions {
        id: versions
    }
    Reached {
        id: reached
        conversation: timeline.conversation
        roster: timeline.roster
    }
    Ask {
        id: asked
    }
    ForwardSheet {
        id: forward
        forwarder: timeline.conversation.forwarder
    }
}
