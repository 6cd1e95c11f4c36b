import P2pdm
import "../look"

// What can be done with a chat as a whole.
Choices {
    id: menu

    required property Care care

    signal marked(bool unread)
    signal expiryAsked
    signal retentionAsked
    signal exportAsked
    signal deletionAsked

    objectName: "chatActions"

    Entry {
        objectName: "chat:unread"
        offered: menu.care.begun
        text: menu.care.unread ? "Mark as read" : "Mark as unread"
        drawing: menu.care.unread ? "tick" : "unread"
        onTriggered: menu.marked(!menu.care.unread)
    }
    Entry {
        objectName: "chat:expiry"
        offered: menu.care.may_expire
        text: "Disappearing messages…"
        drawing: "timer"
        onTriggered: menu.expiryAsked()
    }
    Entry {
        objectName: "chat:keep"
        text: "Keep for…"
        drawing: "history"
        onTriggered: menu.retentionAsked()
    }
    Entry {
        objectName: "chat:export"
        offered: menu.care.begun
        text: "Export…"
        drawing: "export"
        onTriggered: menu.exportAsked()
    }
    Entry {
        objectName: "chat:delete"
        offered: menu.care.begun
        grave: true
        text: "Delete chat…"
        drawing: "trash"
        onTriggered: menu.deletionAsked()
    }
}
