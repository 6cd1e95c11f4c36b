pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import P2pdm
import "../look"

// Which chats a message is passed on to: typing narrows the list, up and down go through it, Enter or a click chooses.
// Enter sends when it has nothing to choose: after choosing, before anything else was typed or pointed at.
Pop {
    id: sheet

    required property Forwarder forwarder

    property bool pointing: true // whether Enter chooses

    function choose(): void {
        search.clear();
        list.currentIndex = 0;
        pointing = true;
        sheet.open();
        search.forceActiveFocus(Qt.PopupFocusReason);
    }
    function toggle(row: int): void {
        if (row < 0)
            return;
        forwarder.toggle(row);
        list.currentIndex = row;
        if (search.text.length > 0)
            search.clear();
        pointing = forwarder.count === 0;
    }
    function step(by: int): void {
        pointing = true;
        list.currentIndex = Math.max(0, Math.min(list.count - 1, list.currentIndex + by));
    }

    objectName: "forwardSheet"
    modal: true
    dim: true
    padding: 20
    width: Math.min(380 * Theme.scale, parent ? parent.width - 32 : 380)
    height: Math.min(520 * Theme.scale, parent ? parent.height - 48 : 520)
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: parent ? Math.round((parent.height - height) / 2) : 0
    onClosed: forwarder.end()

    Connections {
        target: sheet.forwarder
        function onFinished(): void {
            sheet.close();
        }
    }

    contentItem: Item {
        Accessible.role: Accessible.Dialog
        Accessible.name: title.text

        Txt {
            id: title
            text: "Forward to"
            font.weight: Font.DemiBold
            anchors.left: parent.left
            anchors.verticalCenter: leave.verticalCenter
        }
        IconButton {
            id: leave
            drawing: "close"
            label: "Close (Esc)"
            size: 32
            anchors.right: parent.right
            anchors.rightMargin: -6
            y: -6
            onClicked: sheet.close()
        }
        Txt {
            id: quote
            objectName: "forwarded"
            text: sheet.forwarder.quote
            color: Theme.muted
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
            maximumLineCount: 2
            elide: Text.ElideRight
            leftPadding: 11
            anchors.top: leave.bottom
            anchors.topMargin: 4
            anchors.left: parent.left
            anchors.right: parent.right

            Rectangle {
                width: 3
                radius: 1.5
                color: Theme.accent
                anchors.left: parent.left
                anchors.top: parent.top
                anchors.bottom: parent.bottom
            }
        }
        Field {
            id: search
            objectName: "forwardSearch"
            label: "Search people and chats"
            placeholderText: "Search"
            drawing: "search"
            anchors.top: quote.bottom
            anchors.topMargin: 14
            anchors.left: parent.left
            anchors.right: parent.right
            onTextChanged: {
                sheet.forwarder.narrow(text);
                sheet.pointing = true;
                list.currentIndex = list.count > 0 ? 0 : -1;
            }
            onAccepted: sheet.pointing ? sheet.toggle(list.currentIndex) : sheet.forwarder.send()
            Keys.onUpPressed: sheet.step(-1)
            Keys.onDownPressed: sheet.step(1)
        }
        Txt {
            visible: list.count === 0
            text: search.text.length > 0 ? "Nobody is called so." : "There is no other chat yet."
            color: Theme.muted
            font.pixelSize: Theme.small
            anchors.horizontalCenter: parent.horizontalCenter
            anchors.top: search.bottom
            anchors.topMargin: 24
        }
        ListView {
            id: list
            anchors.top: search.bottom
            anchors.topMargin: 8
            anchors.bottom: foot.top
            anchors.bottomMargin: 8
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.leftMargin: -8
            anchors.rightMargin: -8
            model: sheet.forwarder.rows
            clip: true
            highlightFollowsCurrentItem: false
            keyNavigationEnabled: false
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.List
            Accessible.name: "Chats"
            onCurrentIndexChanged: positionViewAtIndex(currentIndex, ListView.Contain)
            onCountChanged: if (currentIndex < 0 && count > 0)
                currentIndex = 0
            delegate: ForwardLine {
                width: ListView.view.width
                current: ListView.isCurrentItem
                onClicked: sheet.toggle(index)
            }
            ScrollBar.vertical: ScrollBar {}
        }
        Column {
            id: foot
            spacing: 8
            anchors.bottom: parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right

            Txt {
                objectName: "forwardTrouble"
                visible: text.length > 0
                width: parent.width
                text: sheet.forwarder.trouble
                color: Theme.danger
                font.pixelSize: Theme.small
                wrapMode: Text.Wrap
                maximumLineCount: 6
                elide: Text.ElideRight
                Accessible.role: Accessible.AlertMessage
                Accessible.name: text
            }
            Txt {
                objectName: "forwardChosen"
                visible: sheet.forwarder.count > 0
                width: parent.width
                text: "To " + sheet.forwarder.chosen
                color: Theme.muted
                font.pixelSize: Theme.small
                elide: Text.ElideRight
            }
            TextButton {
                objectName: "forwardSend"
                width: parent.width
                text: sheet.forwarder.working ? "One moment…" : sheet.forwarder.trouble.length > 0 ? "Try again" : "Forward"
                strong: true
                enabled: sheet.forwarder.count > 0 && !sheet.forwarder.working
                onClicked: sheet.forwarder.send()
            }
        }
    }
}
