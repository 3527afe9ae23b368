"""Routes that give and take files: every path from outside is opened without leaving its folder.

paths.py     names as safe paths, and folders opened part by part
answers.py   files as answers that no browser runs
body.py, form.py   bodies within limits of size, time and shape
view.py, upload.py, picture.py   pictures out and in
models.py    models folders, their previews and metadata
packs.py     what node packs bring for browsers: scripts, templates, languages, subgraphs
users.py, userdata.py   users, their settings and files
internal.py  logs and folders, for the editor
static.py    the editor itself; its catch-all stands after all other routes
table.py     all of them

`picture` is imported, with Pillow, when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
