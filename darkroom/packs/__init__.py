"""Node packs of the V1 class contract: what they import, how they load, and how a class becomes a spec.

Reading order: `loading` (the door), `host` (what the process gives), `adapter` with `inputs`, `types`, `calling` and
`results` (class to spec), `current` (which call goes on), `dynamic`, `aliases` and `shims` (the modules packs import),
`lacking` and `failures` (what is told where something is not there).
"""
