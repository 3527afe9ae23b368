"""The starter model: a small Stable Diffusion 1 that paints postcards, and everything needed to train it again.

Reading order: scene (what a postcard shows), captions (how it is told), paint, landscape, things, postcards (how it
is drawn), dataset, networks, optimisers, training (the resumable loop), train_autoencoder, latents, text, binding,
train_unet, export, sample, judge (what scores it), train_lora, contact_sheet.
"""
