"""Who may ask: `addresses` (hosts and origins), `guard` (is this request for us and from us), `token` and `access` (who
is it), `headers` (what browsers may do with answers), `protocol` (limits below HTTP), `chain` (all in their order).
"""
