"""The door to a running node: JSON-RPC 2.0, one JSON object a line, over a Unix socket.

`methods.NodeApi` is every call, typed and documented once (`calls`: the same as data); `types` is what crosses the
door; `jsonrpc` is the pure codec; `server` serves a NodeApi, its notices by `feed`; `client` is one, from another
process, over a `connection`; `guard` says what a locked door still does; `endpoint` says where a profile's door stands;
`launch` starts a node behind it. `mentions` finds who is named in a text, `trace` says where something went wrong.

The first line each way is a hello: `{"p2pdm": PROTOCOL, "version": "0.1.0"}`. Ids are lower-case base32 strings, times
ISO 8601 UTC.

What does not live here: what the calls do (that is `node`), and how they look (`cli`, the window).
"""
