"""Models and maths: torch, diffusers, transformers; knows no graph.

Reading order: `families` (what a file is, from its header), `devices`, `weights` and `checkpoints` (files to networks),
`tokens`, `embeddings` and `text`, `vae`, `model`, `lora`, `control`, then `sampling`, and the number-moving functions
behind nodes.

Most modules here need torch, which takes seconds to import. `from darkroom import diffusion` imports none of those that
`__init__.pyi` names; `diffusion.vae` imports that one when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
