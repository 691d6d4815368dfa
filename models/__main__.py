"""`python -m models`: the same as `ttkem verify --catalogue models`."""

import sys

from ttkem.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["verify", "--catalogue", "models"]
    main()
