"""The only peer sockets: links (TCP), datagrams (UDP), and discovery.

`links` holds the interfaces and their in-memory twins; `tcp` and `udp` the real ones; `discovery` finds
addresses to dial, which are hints and never proof. What the bytes mean is not known here.
"""
