"""The only peer sockets: links (TCP), datagrams (UDP), and discovery.

`links` holds the interfaces; `sockets` the real Network, made of `tcp` and `udp`; `memory` its twin for tests.
`interfaces` knows this machine's addresses and notices when they change (on Linux by `netlink`); `discovery` finds
addresses to dial, which are hints and never proof. What the bytes mean is not known here.
"""
