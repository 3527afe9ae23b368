from . import glance as glance
from . import picture as picture
