"""What the `darkroom` command does, one file a subcommand; `exits` holds the exit codes, `opening` reads files.

Only the subcommand that is called is imported, so that `darkroom check` does not wait for what `darkroom run` needs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
