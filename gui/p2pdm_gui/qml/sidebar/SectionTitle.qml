import QtQuick
import "../look"

// Above the first row of a section.
Item {
    id: title

    required property string section

    height: name.implicitHeight + 18

    Txt {
        id: name
        text: title.section === "Nearby" ? "Nearby on this network" : title.section
        color: Theme.faint
        font.pixelSize: Theme.tiny
        font.weight: Font.DemiBold
        anchors.left: parent.left
        anchors.leftMargin: 20
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 4
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
}
