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

    signal replied(string key)
    signal reacted(string key, string value)
    signal copied(string text)
    signal rewritten(string key)
    signal lookedBack
    signal statesAsked
    signal pinAsked(string key, bool on)
    signal takenBack(string key)

    function show(of: MessageBubble, at: point): void {
        if (of.unsent)
            return;
        bubble = of;
        key = bubble.key;
        said = bubble.text;
        own = bubble.reaction;
        mine = bubble.mine;
        pinned = bubble.pinned;
        edited = bubble.edited;
        detailed = bubble.detailed;
        emoji.at = Math.max(0, emoji.emoji.indexOf(own));
        popup(bubble, at.x, at.y);
        currentIndex = 0;
        emoji.forceActiveFocus(Qt.PopupFocusReason);
    }

    objectName: "menu"
    width: Math.max(emoji.implicitWidth + 2 * padding, Math.round(200 * Theme.scale))

    EmojiRow {
        id: emoji
        own: menu.own
        onChosen: value => {
            menu.close();
            menu.reacted(menu.key, value);
        }
    }
    Entry {
        objectName: "menu:reply"
        text: "Reply"
        drawing: "reply"
        onTriggered: menu.replied(menu.key)
    }
    Entry {
        objectName: "menu:copy"
        text: "Copy"
        drawing: "copy"
        onTriggered: menu.copied(menu.said)
    }
    Entry {
        objectName: "menu:edit"
        offered: menu.mine
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
        text: menu.pinned ? "Unpin" : "Pin"
        drawing: "pin"
        onTriggered: menu.pinAsked(menu.key, !menu.pinned)
    }
    Entry {
        objectName: "menu:unsend"
        offered: menu.mine
        grave: true
        text: "Take back…"
        drawing: "takeback"
        onTriggered: menu.takenBack(menu.key)
    }
}
