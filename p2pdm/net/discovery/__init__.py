"""Finding peers: what stands in mDNS (and later issues' ways) becomes sightings, which are hints, never proof.

`finder` holds the interface and its in-memory twin; `mdns` the real one.
"""
