import QtQuick
import P2pdm
import "../look"

// The user's own face: chosen, dropped here, or taken away.
Column {
    id: own

    required property Account account
    required property Oneself oneself

    spacing: 12

    Avatar {
        size: 88
        identity: own.account.id
        name: own.account.name
        picture: own.oneself.picture
        status: own.oneself.shown_status
        behind: Theme.canvas
        anchors.horizontalCenter: parent.horizontalCenter

        Rectangle {
            visible: drop.containsDrag
            anchors.fill: parent
            anchors.margins: -5
            radius: width / 2
            color: "transparent"
            border.color: Theme.accent
            border.width: 3
        }
        DropArea {
            id: drop
            anchors.fill: parent
            keys: ["text/uri-list"]
            onDropped: event => {
                if (event.hasUrls)
                    own.oneself.show_picture(event.urls[0]);
            }
        }
    }
    PictureChoice {
        there: own.oneself.picture.length > 0
        title: "Your picture"
        anchors.horizontalCenter: parent.horizontalCenter
        onChosen: file => own.oneself.show_picture(file)
        onRemoved: own.oneself.hide_picture()
    }
}
