"""What a running server tells of itself: `sanitise` (what may stand in a log line), `logs` (where lines go),
`ring` (the last lines, for browsers), `metrics` (numbers for Prometheus), `requests` (each
request as a line and a number).
"""
