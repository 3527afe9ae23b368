"""Graphs of typed functions; no torch, no HTTP, and no node is known here.

Reading order: `spec` (what a node is), `graph` (what runs), then the doors, each with what stands behind it: `define`
and `defining` (from a Python function to a spec), `read`, `write` and `drawn` (files), `check` and `checking` (what is
wrong), `execute` and `running` (plan, keys, cache, and the loop that calls nodes).

`awaiting` is imported when it is first used, as `engine.awaiting`: a check rarely needs the event loop it brings.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
