.pragma library

// Own line drawings on a grid of 24; strokes take the colour that is asked for.
const drawings = {
    "add": "M12 5v14M5 12h14",
    "alert": "M12 7.5v5.5M12 16.4v.1M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z",
    "announce": "M5 10.5v3.5h3l6.5 4.5v-12.5L8 10.5zM8 10.5v3.5M17.5 9.5a4 4 0 0 1 0 5.5",
    "back": "M14.5 5.5L8 12l6.5 6.5",
    "block": "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17zM6 6l12 12",
    "clock": "M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z",
    "close": "M6.5 6.5l11 11M17.5 6.5l-11 11",
    "copy": "M9 9h10v10.5H9zM15 9V4.5H5V15h4",
    "down": "M12 5v14M6 13l6 6l6-6",
    "edit": "M5 19l.9-4L15.6 5.3a1.9 1.9 0 0 1 2.7 0l.4.4a1.9 1.9 0 0 1 0 2.7L9 18.1zM13.6 7.3l3.1 3.1",
    "export": "M12 15V4.5M8 8.5l4-4l4 4M5 14.5v5h14v-5",
    "forward": "M14 6l5.5 5.5L14 17M19.5 11.5H10a5.5 5.5 0 0 0-5.5 5.5v1.5",
    "history": "M12 8v4.3l2.8 1.7M4.2 10.2a8 8 0 1 1 .3 4.6M4 5.5v4.8h4.8",
    "info": "M12 11v5.5M12 7.6v.1M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z",
    "less": "M5 12h14",
    "lock": "M6 11h12v9H6zM8.3 11V8a3.7 3.7 0 0 1 7.4 0v3M12 14.6v2",
    "more": "M6 11.5a.5.5 0 1 0 0 1a.5.5 0 0 0 0-1zM12 11.5a.5.5 0 1 0 0 1a.5.5 0 0 0 0-1zM18 11.5a.5.5 0 1 0 0 1a.5.5 0 0 0 0-1z",
    "nearby": "M12 12v.1M8.5 15.5a5 5 0 0 1 0-7M15.5 8.5a5 5 0 0 1 0 7M5.6 18.4a9 9 0 0 1 0-12.8M18.4 5.6a9 9 0 0 1 0 12.8",
    "people": "M9 5.5a3 3 0 1 0 0 6a3 3 0 0 0 0-6zM3.5 18.5c.3-3 2.4-4.7 5.5-4.7s5.2 1.7 5.5 4.7M15.5 5.9a3 3 0 0 1 0 5.3M17 14.1c2 .6 3.2 2.1 3.5 4.4",
    "pin": "M9 4h6M10 4v5.5L7 13.5h10l-3-4V4M12 13.5V20",
    "reply": "M10 6L4.5 11.5L10 17M4.5 11.5H14a5.5 5.5 0 0 1 5.5 5.5v1.5",
    "room": "M9.5 4.5L7.5 19.5M16.5 4.5l-2 15M4.5 9.2h15.5M4 14.8h15.5",
    "search": "M10.5 4.5a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM15 15l5 5",
    "send": "M12 19V5.5M6 11.5l6-6l6 6",
    "shield": "M12 3.5l7 2.6v5.4c0 4.2-2.8 7.4-7 9c-4.2-1.6-7-4.8-7-9V6.1zM8.8 12l2.3 2.3l4.2-4.4",
    "tick": "M5 12.5l4.5 4.5L19 7.5",
    "ticks": "M2.5 12.8l4 4.2L15.5 7.5M11.6 16.2l.8.8L21.5 7.5",
    "takeback": "M9 5L4.5 9.5L9 14M4.5 9.5H14a5 5 0 0 1 0 10H9",
    "timer": "M12 9v4.2l2.6 1.6M12 5.8a7.3 7.3 0 1 0 0 14.6a7.3 7.3 0 0 0 0-14.6zM9.8 3h4.4",
    "trash": "M5 7h14M9.5 7V4.5h5V7M6.8 7l.9 12.5h8.6L17.2 7",
    "unread": "M12.5 5.5H7a2.5 2.5 0 0 0-2.5 2.5v6.5A2.5 2.5 0 0 0 7 17h1.5v3.2l4-3.2H17a2.5 2.5 0 0 0 2.5-2.5v-3M18.2 3.9a2.3 2.3 0 1 0 0 4.6a2.3 2.3 0 0 0 0-4.6z"
};

function url(name, colour, weight) {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="' + colour
        + '" stroke-width="' + weight + '" stroke-linecap="round" stroke-linejoin="round"><path d="' + drawings[name] + '"/></svg>';
    return "data:image/svg+xml;utf8," + encodeURIComponent(svg);
}

function mark(back, front) {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect x="4" y="8" width="38" height="32" rx="13" fill="' + back
        + '"/><path d="M10 34v14l14-10z" fill="' + back + '"/><rect x="24" y="24" width="36" height="30" rx="13" fill="' + front
        + '"/><path d="M54 46v14l-14-9z" fill="' + front + '"/></svg>';
    return "data:image/svg+xml;utf8," + encodeURIComponent(svg);
}
