from . import extra_paths as extra_paths
