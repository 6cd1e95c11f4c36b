import QtQuick
import "../look"

// Sixty digits to read to each other.
Rectangle {
    id: digits

    required property string number
    readonly property list<string> groups: number.length > 0 ? number.split(" ") : []

    implicitHeight: grid.height + 32
    radius: Theme.corner
    color: Theme.card
    border.color: Theme.line
    Accessible.role: Accessible.StaticText
    Accessible.name: "Safety number: " + number

    Grid {
        id: grid
        anchors.centerIn: parent
        LayoutMirroring.enabled: false // digits are read from the left everywhere
        columns: digits.width > 300 * Theme.scale ? 4 : 3
        columnSpacing: 16
        rowSpacing: 8

        Repeater {
            model: digits.groups

            Txt {
                required property string modelData
                text: modelData
                font.family: "monospace"
                font.pixelSize: Theme.body
                font.letterSpacing: 0.5
            }
        }
    }
}
