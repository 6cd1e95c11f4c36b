import "../look"

// What can be done about a member. It keeps what it needs: the list may change meanwhile.
Choices {
    id: menu

    required property bool announcement
    property string key: ""
    property string name: ""
    property string chat: ""
    property bool invited: false
    property bool mayRemove: false
    property bool mayPromote: false
    property bool mayDemote: false

    signal written(string chat)
    signal promoted(string key, bool on)
    signal removed(string key, string name, bool invited)

    function show(of: MemberButton): void {
        key = of.key;
        name = of.name;
        chat = of.chat;
        invited = of.rights === "invited";
        mayRemove = of.may_remove;
        mayPromote = of.may_promote;
        mayDemote = of.may_demote;
        popup(of, 44, of.height - 4);
        currentIndex = 0;
    }

    objectName: "memberMenu"
    width: Math.round(240 * Theme.scale)

    Entry {
        objectName: "member:write"
        offered: menu.chat.length > 0
        text: "Write to " + menu.name
        drawing: "edit"
        onTriggered: menu.written(menu.chat)
    }
    Entry {
        objectName: "member:promote"
        offered: menu.mayPromote
        text: menu.announcement ? "Let write here" : "Make an admin"
        drawing: "shield"
        onTriggered: menu.promoted(menu.key, true)
    }
    Entry {
        objectName: "member:demote"
        offered: menu.mayDemote
        text: menu.announcement ? "No longer an announcer" : "No longer an admin"
        drawing: "less"
        onTriggered: menu.promoted(menu.key, false)
    }
    Entry {
        objectName: "member:remove"
        offered: menu.mayRemove
        grave: true
        text: menu.invited ? "Take the invitation back…" : "Remove from the group…"
        drawing: "block"
        onTriggered: menu.removed(menu.key, menu.name, menu.invited)
    }
}
