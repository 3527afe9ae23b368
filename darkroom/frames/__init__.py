"""What the server and its workers say to each other: `messages` (the dataclasses), `codec` (to bytes and back),
`definitions` (node types of packs as data), `report` (events and outcomes of a job as JSON).
"""
