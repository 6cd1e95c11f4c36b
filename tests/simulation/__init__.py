"""The simulator: a world of real nodes whose links, clocks and disks are made up, all of it decided by one seed.

    story.py        people meet, talk, change their minds, part or stay; and how it ends well
    life.py         what one machine and its owner do, and what befalls them: restarts, deaths, full disks, copies
    circle_acts.py  what they do with groups and rooms
    keeping.py      what they keep on their own disks; pages.py, what could be found there
    saving.py       what they do with backup files; faces.py, with pictures of themselves and of groups
    people.py       somebody with a machine that can die at any write, and what they were promised
    disk.py         a disk below SQLite that forgets what was not synced, or is full
    storm.py        a network that loses, delays, doubles, replays, splits and cuts
    mallory.py      a bad person who forges, replays and floods; mallory_inside.py, as a member of a group
    invariants.py   what must hold, whatever happened: each a function, named in words
    circle_invariants.py  the same of groups and rooms, which circles.py gathers from all disks
    bugs.py         planted mistakes, at least one for each invariant, which prove that the simulator would notice;
                    circle_bugs.py, those in groups and rooms; profile_bugs.py, in backup files and pictures

`./run simulate --seeds 10000` runs many, `./run simulate --seeds 1 --seed N` one of them again. Each process that runs
seeds has PYTHONHASHSEED=0: without it, a seed is another story each time.
"""
