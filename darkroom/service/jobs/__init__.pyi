from . import database as database
from . import migrate as migrate
from . import operations as operations
from . import ordering as ordering
from . import queries as queries
