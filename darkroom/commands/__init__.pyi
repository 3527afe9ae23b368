from . import check as check
from . import nodes as nodes
from . import run as run
from . import serve as serve
