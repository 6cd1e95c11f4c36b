pragma ComponentBehavior: Bound

import QtQuick
import "../look"

// What somebody said. Text is plain unless it holds links, which the controller has marked up and escaped.
Item {
    id: bubble

    required property string key
    required property string sender
    required property string name
    required property string text
    required property string markup
    required property bool rich
    required property bool large
    required property bool named
    required property string clock
    required property string date
    required property string day
    required property string stage
    required property string note
    required property bool mine
    required property bool first
    required property bool last
    required property bool divider
    required property string label
    required property string answers
    required property string quote_sender
    required property string quote_name
    required property string quote_text
    required property bool quote_gone
    required property var versions
    required property var reactions
    required property string reaction
    required property bool pinned
    required property bool unsent
    required property bool happening
    required property bool detailed
    property bool showsAuthor: false
    property string face: ""
    property bool current: false
    property bool pointed: false
    property bool menuOpen: false

    signal linked(string key, int number)
    signal menuAsked(point at)
    signal versionsAsked
    signal statesAsked
    signal sought(string key)
    signal reacted(string key, string value)

    readonly property bool edited: versions.length > 0
    readonly property bool settled: !happening && (!mine || stage !== "waiting" && stage !== "sent")
    readonly property int pad: 12
    // Rich text takes no linkColor, and sets code apart too far.
    readonly property string dress: "<style>a { color: " + Theme.accent + " } pre { margin: 2px; white-space: pre-wrap }</style>"
    readonly property bool faced: showsAuthor && !mine && !happening
    readonly property int margin: faced ? Theme.sized(32) + 26 : 20 // beside the author's picture
    readonly property bool atRight: mine !== LayoutMirroring.enabled
    readonly property real widest: Math.min(560 * Theme.scale, width - Theme.sized(32) - 44 - margin) - 2 * pad
    readonly property real metaWidth: meta.width + 10
    readonly property bool besides: !rich && words.effectiveHorizontalAlignment === Text.AlignLeft && words.lastLine + metaWidth <= widest
    readonly property real inner: Math.max(words.width, besides ? words.lastLine + metaWidth : meta.width, author.visible ? author.width : 0, quote.wanted)

    // Where a menu opens that was asked for with a key.
    function middle(): point {
        return mapFromItem(ground, ground.width / 2, Math.min(ground.height / 2, 40));
    }

    objectName: "bubble:" + text
    height: above.height + ground.height + chips.room + below.height + (first ? 8 : 2)
    Accessible.role: Accessible.ListItem
    Accessible.name: label
    Accessible.focusable: true
    Accessible.focused: current

    HoverHandler {
        id: hover
    }
    BubbleHead {
        id: above
        width: parent.width
        day: bubble.day
        divider: bubble.divider
    }
    Rectangle {
        id: ground
        objectName: "ground"
        x: bubble.happening ? Math.round((bubble.width - width) / 2) : bubble.atRight ? bubble.width - width - (bubble.mine ? 20 : bubble.margin) : bubble.mine ? 20 : bubble.margin
        anchors.top: above.bottom
        anchors.topMargin: bubble.first ? 8 : 2
        LayoutMirroring.enabled: false // inside, what is said has its own direction
        LayoutMirroring.childrenInherit: true
        width: bubble.inner + 2 * bubble.pad
        height: words.y + words.height + (bubble.besides ? 0 : meta.height + 2) + 8
        color: bubble.unsent ? "transparent" : bubble.mine ? Theme.mine : Theme.theirs
        border.color: bubble.current || bubble.named ? Theme.accent : Theme.line
        border.width: bubble.current ? 2 : bubble.happening ? 0 : bubble.unsent || bubble.named ? 1 : 0
        radius: 16
        topLeftRadius: bubble.mine || bubble.first ? 16 : 6
        bottomLeftRadius: bubble.mine || bubble.last ? 16 : 6
        topRightRadius: !bubble.mine || bubble.first ? 16 : 6
        bottomRightRadius: !bubble.mine || bubble.last ? 16 : 6

        Rectangle {
            anchors.fill: parent
            radius: 16
            color: Theme.accent
            opacity: bubble.pointed ? 0.28 : 0
            visible: opacity > 0

            Behavior on opacity {
                NumberAnimation {
                    duration: 3 * Theme.quick
                }
            }
        }
        Txt {
            id: author
            visible: bubble.showsAuthor && bubble.first && !bubble.mine && !bubble.unsent
            text: bubble.name
            color: Theme.nameColour(bubble.sender)
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
            x: bubble.pad
            y: 6
        }
        Loader {
            id: quote

            readonly property real wanted: item !== null ? Math.min(bubble.widest, (item as QuoteButton).natural) : 0

            active: bubble.answers.length > 0
            visible: active
            x: bubble.pad
            y: author.visible ? author.y + author.height + 4 : 10
            width: bubble.inner
            sourceComponent: QuoteButton {
                sender: bubble.quote_sender
                name: bubble.quote_name
                quoted: bubble.quote_text
                gone: bubble.quote_gone
                muted: bubble.mine ? Theme.mineMuted : Theme.muted
                onClicked: bubble.sought(bubble.answers)
            }
        }
        Text {
            id: words

            property real lastLine: 0

            x: bubble.pad
            y: quote.visible ? quote.y + quote.height + 6 : author.visible ? author.y + author.height + 2 : 8
            width: Math.min(Math.ceil(implicitWidth), bubble.widest)
            text: bubble.rich ? bubble.dress + bubble.markup : bubble.markup || bubble.text
            textFormat: !bubble.markup ? Text.PlainText : bubble.rich ? Text.RichText : Text.StyledText
            wrapMode: Text.Wrap
            color: bubble.unsent ? Theme.muted : Theme.ink
            linkColor: Theme.accent
            font.pixelSize: bubble.unsent ? Theme.small : bubble.large ? 2 * Theme.body : Theme.body
            font.italic: bubble.unsent
            lineHeight: 1.12
            onLineLaidOut: line => {
                if (line.isLast)
                    lastLine = line.implicitWidth;
            }
            onLinkActivated: link => bubble.linked(bubble.key, Number(link))

            HoverHandler {
                enabled: words.hoveredLink.length > 0
                cursorShape: Qt.PointingHandCursor
            }
        }
        BubbleMeta {
            id: meta
            anchors.right: parent.right
            anchors.rightMargin: bubble.pad - 2
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 6
            clock: bubble.clock
            stage: bubble.stage
            mine: bubble.mine
            pinned: bubble.pinned
            edited: bubble.edited
            unsent: bubble.unsent
            detailed: bubble.detailed
            onVersionsAsked: bubble.versionsAsked()
            onStatesAsked: bubble.statesAsked()
        }
        TapHandler {
            acceptedButtons: Qt.RightButton
            onTapped: point => bubble.menuAsked(bubble.mapFromItem(ground, point.position))
        }
        TapHandler {
            acceptedDevices: PointerDevice.TouchScreen
            onLongPressed: bubble.menuAsked(bubble.mapFromItem(ground, point.position))
        }
    }
    Loader {
        active: bubble.faced && bubble.last
        x: bubble.atRight ? bubble.width - width - 18 : 18
        y: ground.y + ground.height - height
        sourceComponent: Avatar {
            size: 32
            identity: bubble.sender
            name: bubble.name
            picture: bubble.face
            behind: Theme.canvas
        }
    }
    Loader {
        active: (hover.hovered || bubble.menuOpen) && !bubble.unsent
        x: bubble.atRight ? ground.x - width - 4 : ground.x + ground.width + 4
        y: ground.y + Math.max(0, (ground.height - height) / 2)
        sourceComponent: IconButton {
            objectName: "bubbleMenu"
            drawing: "more"
            label: "Reply, react and more"
            size: 32
            focusPolicy: Qt.NoFocus
            onClicked: bubble.menuAsked(mapToItem(bubble, 0, height + 2))
        }
    }
    Loader {
        id: chips

        readonly property real room: active ? height + 4 : 0

        active: bubble.reactions.length > 0
        visible: active
        anchors.top: ground.bottom
        anchors.topMargin: 4
        x: bubble.atRight ? bubble.width - width - bubble.margin - 4 : bubble.margin + 4
        width: item !== null ? Math.min((item as ReactionChips).natural, bubble.widest) : 0
        sourceComponent: ReactionChips {
            reactions: bubble.reactions
            onToggled: value => bubble.reacted(bubble.key, value)
        }
    }
    Item {
        id: below
        visible: bubble.note.length > 0
        height: visible ? why.implicitHeight + 6 : 0
        width: Math.min(why.implicitWidth, bubble.width - 64)
        anchors.top: ground.bottom
        anchors.topMargin: chips.room
        x: bubble.LayoutMirroring.enabled ? 24 : bubble.width - width - 24

        Txt {
            id: why
            objectName: "note"
            width: parent.width
            y: 4
            text: bubble.note
            color: bubble.stage === "failed" ? Theme.danger : bubble.stage === "read" ? Theme.accent : Theme.muted
            font.pixelSize: Theme.tiny
            horizontalAlignment: Text.AlignRight
            wrapMode: Text.Wrap
            font.underline: ask.hovered
        }
        HoverHandler {
            id: ask
            enabled: bubble.detailed
            cursorShape: Qt.PointingHandCursor
        }
        TapHandler {
            enabled: bubble.detailed
            onTapped: bubble.statesAsked()
        }
    }
}
