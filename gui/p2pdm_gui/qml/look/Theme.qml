pragma Singleton

import QtQuick

// Every colour, size and duration of the window. The window sets `dark` and `scale`.
QtObject {
    property bool dark: false
    property real scale: 1

    // Surfaces, from the back to the front.
    readonly property color side: dark ? "#181d20" : "#f3f1ec"
    readonly property color canvas: dark ? "#111517" : "#fbfaf7"
    readonly property color card: dark ? "#22292d" : "#ffffff"
    readonly property color raised: dark ? "#2a3237" : "#ffffff"
    readonly property color hover: dark ? "#20272b" : "#eae7e0"
    readonly property color chosen: dark ? "#233a37" : "#dcebe5"
    readonly property color line: dark ? "#2b3338" : "#e3dfd6"

    // Writing.
    readonly property color ink: dark ? "#e9ecec" : "#1e2427"
    readonly property color muted: dark ? "#a2acb1" : "#586063"
    readonly property color faint: dark ? "#919ca1" : "#656c6f"

    // Meaning.
    readonly property color accent: dark ? "#62c7b1" : "#14736a"
    readonly property color accentInk: dark ? "#08211d" : "#ffffff"
    readonly property color theirs: dark ? "#22292d" : "#efece5"
    readonly property color mine: dark ? "#1c4741" : "#d4ebe3"
    readonly property color mineMuted: dark ? "#9dc0b8" : "#4b6b64"
    readonly property color here: dark ? "#5fd08f" : "#2c9a5b"
    readonly property color warn: dark ? "#e5b567" : "#8a5a0b"
    readonly property color warnBack: dark ? "#3a2f1a" : "#faf0d9"
    readonly property color danger: dark ? "#f08a80" : "#b3372d"
    readonly property color dangerBack: dark ? "#3b2321" : "#fbe9e6"

    readonly property list<color> people: ["#b0513a", "#86651a", "#557a2b", "#2a7d5a", "#1d7880", "#38699f", "#585cb0", "#8152a5", "#a64a7f", "#86594b"]

    // Writing sizes.
    readonly property int tiny: Math.round(12 * scale)
    readonly property int small: Math.round(13 * scale)
    readonly property int body: Math.round(15 * scale)
    readonly property int title: Math.round(17 * scale)
    readonly property int big: Math.round(26 * scale)

    readonly property int corner: 12
    readonly property int quick: 120 // milliseconds

    // What stands beside writing grows with it.
    function sized(pixels: real): int {
        return Math.round(pixels * scale);
    }

    function personColour(id: string): color {
        let sum = 0;
        for (let i = 0; i < Math.min(12, id.length); i++)
            sum = (sum * 31 + id.charCodeAt(i)) % 9973;
        return people[sum % people.length];
    }

    function spoken(status: string): string {
        return status === "do_not_disturb" ? "do not disturb" : status === "available" ? "online" : status;
    }

    // The same for writing, light enough to be read on a dark ground.
    function nameColour(id: string): color {
        return dark ? Qt.hsla(personColour(id).hslHue, Math.min(0.55, personColour(id).hslSaturation), 0.7, 1) : personColour(id);
    }

    function initials(name: string): string {
        const words = name.trim().split(/\s+/).filter(word => word.length > 0);
        if (words.length === 0)
            return "?";
        const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
        return letters.map(word => Array.from(word)[0]).join("").toUpperCase();
    }
}
