"""Jobs, workers, HTTP and WebSocket, without torch; everything is handed to constructors.

Reading order: `contracts` (what the parts are to each other), `jobs` (the queue in a database), `workers` (processes
that run jobs, and who watches them), `socket` (what clients are told), `http` and `routes_files` (the routes),
`workflows` (saved workflows), `security`, `settings`, `observe` (logs and metrics).
"""
