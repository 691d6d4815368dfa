"""Run `ttkem verify --catalogue models`, as `python -m models`."""

import sys

from ttkem.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["verify", "--catalogue", "models"]
    main()
