from . import sample as sample
