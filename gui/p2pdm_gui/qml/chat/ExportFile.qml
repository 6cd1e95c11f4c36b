import QtQuick.Dialogs

// Where a chat is written to; a file of its own, for what it loads is only needed here.
FileDialog {
    required property string format

    fileMode: FileDialog.SaveFile
    title: "Export the chat"
    defaultSuffix: format
    nameFilters: [format === "json" ? "Data for programs (*.json)" : "Page to read (*.html)"]
}
