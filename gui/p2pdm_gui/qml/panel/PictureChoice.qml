import QtQuick
import "../look"

// The buttons below a picture: choose one, or another, or none.
Row {
    id: choice

    required property bool there
    property string title: "Choose a picture"

    signal chosen(url file)
    signal removed

    spacing: 8

    TextButton {
        objectName: "choosePicture"
        text: choice.there ? "Another picture" : "Choose a picture"
        onClicked: {
            if (dialog.source.toString() === "")
                dialog.setSource("PictureFile.qml", {
                    "title": choice.title
                });
            (dialog.item as PictureFile).open();
        }
    }
    TextButton {
        objectName: "hidePicture"
        visible: choice.there
        text: "Remove"
        onClicked: choice.removed()
    }
    Loader {
        id: dialog

        Connections {
            target: dialog.item as PictureFile
            function onAccepted(): void {
                choice.chosen((dialog.item as PictureFile).selectedFile);
            }
        }
    }
}
