"""Run `ttkem verify --catalogue proofs`, as `python -m proofs`."""

import sys

from ttkem.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["verify", "--catalogue", "proofs"]
    main()
