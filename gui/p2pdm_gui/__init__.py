"""The window: a client of the node's API, and of nothing else of p2pdm.

`window` puts everything together. One controller stands for each concern (`account`, `oneself`, `roster`,
`company`, `conversation`, `circle`, `rooms`, `looks`, `start`), one model for each list (`sidebar`,
`messages`, `members`), all on top of `connection`, the door to the node. Controllers know no QML; QML
(in qml/) is handed the controllers it needs and knows nothing of the API. What is shown is computed by
plain functions of API values.
"""
