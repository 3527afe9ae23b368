"""What a server is started with: `kinds` (forms of values), `table` (every setting), `others` (flags of ComfyUI without
effect here), `sources` (file, environment, command line), `listen` (addresses), `extra_paths` (more models folders).

`extra_paths` is imported when it is first used, as it needs a YAML reader.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
