"""How a typed function becomes a node definition; `darkroom.engine.define` is the door.

Read `markers` (what a signature may say), `signature`, `docstring`, `errors`.
"""
