"""Finding peers: announcements on the network become sightings, which are hints, never proof.

`finder` holds the interface and its in-memory twin; `mdns` the real one, with what it says in `adverts` and which
of the claimed addresses it believes worth dialling in `hints`.
"""
