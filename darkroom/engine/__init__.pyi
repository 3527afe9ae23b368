from . import awaiting as awaiting
