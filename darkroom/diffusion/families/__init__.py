"""What a weight file is, told from the names and shapes of its tensors alone; torch is not needed.

recognise.py  which family and which parts a file holds
shapes.py     the structure of a network (levels, blocks, widths), read from either layout
names.py      the key maps between the original and the diffusers layout, made from that structure
sd1.py        Stable Diffusion 1: diffusers configurations, checkpoint prefixes, export
folder.py     diffusers folders: which file holds which part
"""
