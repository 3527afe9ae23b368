"""The node library: thin adapters, one file per menu group; `library` gathers them into a registry."""
