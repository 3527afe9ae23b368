"""Graphs of typed functions; no torch, no HTTP, and no node is known here.

Reading order: `spec` (what a node is), `define` (from a Python function to a spec), `graph` (what runs), `read` and
`write` (files), `check` (what is wrong), `plan`, `key`, `cache`, `execute`.
"""
