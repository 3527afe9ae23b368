"""Requests and answers: `app` (what every route shares), `body` and `answers` (JSON in and out), one module per group
of routes, and `routes`, the table of them all.
"""
