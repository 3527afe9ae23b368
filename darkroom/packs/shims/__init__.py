"""Modules that packs import under the names of the community's server; see `darkroom.packs.aliases`.

They may need torch. Each says in words what it does not have.
"""
