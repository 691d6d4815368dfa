"""Check the certificates whose files are named on the command line."""

import sys

from . import main

sys.exit(main(sys.argv[1:]))
