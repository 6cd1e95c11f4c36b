import QtQuick

// Writing. Plain always: nothing that comes from a peer is ever read as markup.
Text {
    color: Theme.ink
    font.pixelSize: Theme.body
    textFormat: Text.PlainText
    wrapMode: Text.NoWrap
}
