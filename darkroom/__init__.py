"""Darkroom: a node-graph workflow editor for diffusion models.

Read `engine` (graphs of typed functions) first, then `files`, `diffusion`, and `cli`, which ties them together.
"""
