"""Graphs of typed functions; no torch, no HTTP, and no node is known here.

Reading order: `spec` (what a node is), `define` (from a Python function to a spec), `graph` (what runs), `read` and
`write` (files), `check` (what is wrong), `plan`, `key`, `cache`, `execute`.

`awaiting` is imported when it is first used, as `engine.awaiting`: a check rarely needs the event loop it brings.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
