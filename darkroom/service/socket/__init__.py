"""What clients are told while jobs run: `hub` (who is connected), `outbox` (what waits for one of them), `handler` (how
they connect) and `messages` (events of a job in the words of ComfyUI's clients).
"""
