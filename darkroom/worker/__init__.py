"""The process that runs jobs: its own Python, with torch and packs, at the other end of a pipe.

Reading order: `settings` (what it is started with), `main` (its threads), `line` and `inbox` (what comes and goes),
`running` (one job), `teller` and `courier` (what is told of it, and how often), `journal` (files of dead attempts),
`recent`, `values` and `answers` (questions), `resources` (memory and devices), `warming` (torch), `host`, `packing` and
`serving` (packs), `output` (what is printed).

`from darkroom import worker` imports none of those that `__init__.pyi` names; `worker.pictures` imports that one, with
Pillow, when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
