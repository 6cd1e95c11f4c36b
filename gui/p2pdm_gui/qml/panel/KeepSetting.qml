import QtQuick
import P2pdm
import "../look"

// For how long chats stay on this computer.
Labelled {
    id: setting

    required property Care care

    function keep(days: int): void {
        if (care.erases_all(days))
            asked.ask("Keep only " + care.days_in_words(days) + " of all chats?", "Whatever came earlier and was read is erased on this computer now, and later day by day. Nothing brings it back.", "Erase", () => care.keep_all(days));
        else
            care.keep_all(days);
    }

    title: "Chats are kept"
    hint: "Each chat can have a wish of its own, in its menu. Rooms are kept for a week."
    Component.onCompleted: care.look()

    TextButton {
        objectName: "keepAll"
        text: setting.care.all_kept
        onClicked: options.ask("Keep chats for", "What came earlier and was read is erased on this computer only, in all chats without a wish of their own.", setting.care.all_retentions(), days => setting.keep(days))
    }
    OptionSheet {
        id: options
    }
    Ask {
        id: asked
        parent: options.parent
    }
}
