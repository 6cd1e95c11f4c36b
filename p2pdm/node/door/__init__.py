"""What the door's calls do: NodeApi, in one file for each concern, as parts of Node.

A call checks what the user gave, in sentences for the user, hands it to the service that does it, and waits until
what it wrote is durable. Each part names the services that it uses; `node` wires them.
"""
