import QtQuick
import "../look"

// How far an own message came: clock, one tick, two, two bold coloured ones, or a warning. The words are beside it.
Icon {
    id: sign

    required property string stage

    size: 16
    name: ({
            "waiting": "clock",
            "sent": "tick",
            "delivered": "ticks",
            "read": "ticks",
            "failed": "alert"
        })[stage] || "clock"
    weight: stage === "read" ? 2.6 : 2
}
