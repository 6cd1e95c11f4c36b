import QtQuick.Dialogs

// Which picture others shall see; a file of its own, for what it loads is only needed here.
FileDialog {
    nameFilters: ["Pictures (*.png *.jpg *.jpeg *.webp)", "All files (*)"]
}
