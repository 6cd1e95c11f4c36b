import QtQuick
import "../look"

// What can be done with one message. It keeps what it needs: the list may use the bubble for another one meanwhile.
Choices {
    id: menu

    property MessageBubble bubble: null
    property string key: ""
    property string said: ""
    property string own: ""
    property bool mine: false
    property bool pinned: false
    property bool edited: false
    property bool detailed: false
    property bool note: false // no words, but that there were some, or that something was set
    property bool settled: false // what is still on its way can't be deleted, only taken back

    signal replied(string key)
    signal reacted(string key, string value)
    signal copied(string text)
    signal rewritten(string key)
    signal lookedBack
    signal statesAsked
    signal pinAsked(string key, bool on)
    signal forwardAsked(string key)
    signal takenBack(string key)
    signal deleted(string key)

    function show(of: MessageBubble, at: point): void {
        if (of.unsent && !of.settled)
            return;
        bubble = of;
        key = bubble.key;
        said = bubble.text;
        own = bubble.reaction;
        mine = bubble.mine;
        pinned = bubble.pinned;
        edited = bubble.edited;
        detailed = bubble.detailed;
        note = bubble.unsent;
        settled = bubble.settled;
        emoji.at = Math.max(0, emoji.emoji.indexOf(own));
        popup(bubble, at.x, at.y);
        currentIndex = note ? count - 1 : 0;
        itemAt(currentIndex).forceActiveFocus(Qt.PopupFocusReason);
    }

    objectName: "menu"
    width: Math.max(emoji.implicitWidth + 2 * padding, Math.round(200 * Theme.scale))

    EmojiRow {
        id: emoji
        offered: !menu.note
        own: menu.own
        onChosen: value => {
            menu.close();
            menu.reacted(menu.key, value);
        }
    }
    Entry {
        objectName: "menu:reply"
        offered: !menu.note
        text: "Reply"
        drawing: "reply"
        onTriggered: menu.replied(menu.key)
    }
    Entry {
        objectName: "menu:forward"
        offered: !menu.note
        text: "Forward…"
        drawing: "forward"
        onTriggered: menu.forwardAsked(menu.key)
    }
    Entry {
        objectName: "menu:copy"
        offered: !menu.note
        text: "Copy"
        drawing: "copy"
        onTriggered: menu.copied(menu.said)
    }
    Entry {
        objectName: "menu:edit"
        offered: menu.mine && !menu.note
        text: "Edit"
        drawing: "edit"
        onTriggered: menu.rewritten(menu.key)
    }
    Entry {
        objectName: "menu:earlier"
        offered: menu.edited
        text: "What it said before"
        drawing: "history"
        onTriggered: menu.lookedBack()
    }
    Entry {
        objectName: "menu:states"
        offered: menu.detailed
        text: "Who has it"
        drawing: "ticks"
        onTriggered: menu.statesAsked()
    }
    Entry {
        objectName: "menu:pin"
        offered: !menu.note
        text: menu.pinned ? "Unpin" : "Pin"
        drawing: "pin"
        onTriggered: menu.pinAsked(menu.key, !menu.pinned)
    }
    Entry {
        objectName: "menu:unsend"
        offered: menu.mine && !menu.note
        grave: true
        text: "Take back…"
        drawing: "takeback"
        onTriggered: menu.takenBack(menu.key)
    }
    Entry {
        objectName: "menu:delete"
        offered: menu.settled
        grave: true
        text: "Delete for me…"
        drawing: "trash"
        onTriggered: menu.deleted(menu.key)
    }
}
