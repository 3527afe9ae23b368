"""A pack as its author writes it: classes, and a table that names them. Copy this folder to begin one of your own."""

import torch


class Posterize:
    """Fewer shades, as in a silk-screen print."""

    CATEGORY = "image/example"
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("image",)
    FUNCTION = "posterize"
    DESCRIPTION = "Reduces each colour channel to a few shades."

    @classmethod
    def INPUT_TYPES(cls):
        shades = {"default": 4, "min": 2, "max": 256, "tooltip": "how many shades each channel keeps"}
        return {"required": {"image": ("IMAGE",), "shades": ("INT", shades)}}

    def posterize(self, image, shades):
        return (torch.round(image * (shades - 1)) / (shades - 1),)


NODE_CLASS_MAPPINGS = {"ExamplePosterize": Posterize}
NODE_DISPLAY_NAME_MAPPINGS = {"ExamplePosterize": "Posterize (Example)"}
