"""The drawn workflow: the document with all it holds, and its way to a runnable graph.

Read `drawing` and `workflow` (the typed view), `widgets`, `reading`, `convert` with `scopes`, `links`, `groups` and
`placeholders`, then `edit` and `layout`. `darkroom.engine.read` and `darkroom.engine.write` are the doors.
"""
