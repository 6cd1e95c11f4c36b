"""p2pdm: a messenger for one local network, with no server and no internet.

The rooms, and who may import whom (an upper row may import the rows below; names on one row never
meet; pyproject.toml holds this as a linter contract):

    cli | demo
    node | bot
    net | store | api
    sync | wire
    conversation
    identity

identity, conversation, wire and sync are pure: no clock, socket, disk or randomness inside; they
are passed in. The window (gui/p2pdm_gui) is a client of `api` alone; `demo` starts neighbours to try it with.
"""

__version__ = "0.1.0"
