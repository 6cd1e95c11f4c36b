"""The simulator: a world of real nodes whose links, clocks and disks are made up, all of it decided by one seed.

    story.py        people meet, talk, change their minds, and what befalls them: restarts, deaths, copies, bad weather
    people.py       somebody with a machine that can die at any write, and what they were promised
    disk.py         a disk below SQLite that forgets what was not synced, or is full
    storm.py        a network that loses, delays, doubles, replays, splits and cuts
    mallory.py      a member who forges, replays and floods
    invariants.py   what must hold, whatever happened: each a function, named in words
    bugs.py         planted mistakes, at least one for each invariant, which prove that the simulator would notice

`./run simulate --seeds 10000` runs many, `./run simulate --seeds 1 --seed N` one of them again.
"""
