"""Node packs of the V1 class contract: what they import, how they load, and how a class becomes a spec."""
