from . import packing as packing
from . import pictures as pictures
