"""From a checked graph to results; `darkroom.engine.execute` is the door.

Read `binding`, `plan`, `key`, `cache`, then `agenda`, `live`, `job` and `call`; `why` explains, `report` tells.
"""
