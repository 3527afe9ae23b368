"""Starts Darkroom's server: `python server.py --help` lists what it takes. Also works under the name `main.py`."""

import sys

# Worker processes import this file once more under another name; they need nothing of it.
if __name__ == "__main__":
    from darkroom.commands.serve import main

    sys.exit(main(sys.argv[1:], prog="server.py"))
