"""Disk and only disk: folders, pictures, weights, metadata.

folders.py       which files there are, and the file behind a name
weights.py       headers of weight files
picture_size.py  what is refused or known of a picture by its header
pictures.py      pictures to numbers
metadata.py      the workflow inside a picture
journal.py       what jobs saved, so that a dead attempt can be undone
write.py         files that appear whole or not at all
names.py         what a saved file is called
save.py          numbers to pictures

`from darkroom import files` imports none of those that `__init__.pyi` names; `files.pictures` imports that one, with
Pillow, when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
