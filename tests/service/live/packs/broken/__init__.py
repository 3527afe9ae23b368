"""A pack that does not load."""

NODE_CLASS_MAPPINGS = {}
import a_package_that_nobody_has  # noqa: E402, F401
