"""Saved workflows: readable JSON files that every editor sees, with versions and drafts beside them.

names.py        what workflows are called, and where they, their versions and their drafts are
store.py        save, rename, delete and restore; nothing is ever lost
versions.py     which versions there are, and which are kept
drafts.py       what was drawn and not saved yet
diff.py         what changed between two workflows, for people
opening.py      a workflow from any kind of file
user_store.py   the store of one user, by that user's settings
routes.py       all of it over HTTP
"""
