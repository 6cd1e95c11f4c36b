pragma ComponentBehavior: Bound

import QtQuick
import P2pdm
import "../look"

// The menu of a chat, wherever it is asked for, and the questions that follow.
Item {
    id: sheets

    required property Care care

    signal leaving // the chat can't stay open: it would be read again at once

    function show(chat: string, item: Item, at: point): void {
        care.look_at(chat);
        menu.popup(item, at.x, at.y);
        menu.currentIndex = care.begun ? 0 : care.may_expire ? 1 : 2;
    }
    function askExpiry(chat: string): void {
        care.look_at(chat);
        const about = care.room ? "What anybody says here from now on disappears for each person, so long after they read it. Everybody in the room can set this, and sees who did." : "What is said from now on disappears for everybody here, so long after it was read. Everybody sees who set it.";
        options.ask("Disappearing messages", about, care.expiries(), seconds => care.expire(seconds));
    }
    function askRetention(): void {
        options.ask("Keep this chat for", "What came earlier is erased on this computer only. What is unread or not delivered yet stays until it no longer is.", care.retentions(), days => keep(days));
    }
    function keep(days: int): void {
        if (care.erases(days))
            asked.ask("Keep only " + care.days_in_words(days) + " of this chat?", "Whatever came earlier is erased on this computer now, and later day by day. Nothing brings it back.", "Erase", () => care.keep(days));
        else
            care.keep(days);
    }
    function askExport(): void {
        const formats = [
            {
                "value": 0,
                "text": "A page to read (HTML)",
                "chosen": false
            },
            {
                "value": 1,
                "text": "Data for programs (JSON)",
                "chosen": false
            }
        ];
        options.ask("Export this chat", "All of it goes into one file that is not encrypted: who has the file can read it.", formats, at => choose(at === 1 ? "json" : "html"));
    }
    function choose(format: string): void {
        dialog.setSource("ExportFile.qml", {
            "format": format,
            "selectedFile": care.file(format)
        });
        (dialog.item as ExportFile).open();
    }
    function askDeletion(): void {
        const others = care.several ? "The others keep theirs, and you stay in it." : care.name + " keeps theirs, and stays your contact.";
        asked.ask("Delete this chat?", "All of it is erased on this computer, for good. What was not delivered yet is not sent any more. " + others, "Delete", () => care.delete());
    }

    ChatMenu {
        id: menu
        width: Math.min(Math.round(240 * Theme.scale), sheets.width - 16)
        care: sheets.care
        onMarked: unread => {
            if (unread)
                sheets.leaving();
            sheets.care.mark(unread);
        }
        onExpiryAsked: sheets.askExpiry(sheets.care.chat)
        onRetentionAsked: sheets.askRetention()
        onExportAsked: sheets.askExport()
        onDeletionAsked: sheets.askDeletion()
    }
    OptionSheet {
        id: options
    }
    Ask {
        id: asked
    }
    Loader {
        id: dialog

        Connections {
            target: dialog.item as ExportFile
            function onAccepted(): void {
                const chosen = dialog.item as ExportFile;
                sheets.care.export(chosen.selectedFile, chosen.format);
            }
        }
    }
}
