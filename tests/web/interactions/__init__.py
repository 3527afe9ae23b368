"""Every interaction of the editor, by mouse and by keyboard, in the real page.

Reading order: adding, wiring, editing_nodes, arranging, looking, subgraphs, values, running_keys, dropping; then the
command table, undo of random edits, and a graph made without a mouse.
"""
