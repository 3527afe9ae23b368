"""What the author of a node is told when the definition is wrong; users never see these."""

from __future__ import annotations


class DefinitionError(Exception):
    """A wrong node definition, found at import: one line for each fault, `file:line function: what`."""

    def __init__(self, faults: list[str], where: str) -> None:
        self.faults = faults
        self.where = where
        super().__init__("\n".join(f"{where}: {fault}" for fault in faults))
