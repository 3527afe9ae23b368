from . import picture_size as picture_size
from . import pictures as pictures
from . import save as save
