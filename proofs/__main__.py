"""`python -m proofs`: the same as `ttkem verify --catalogue proofs`."""

import sys

from ttkem.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["verify", "--catalogue", "proofs"]
    main()
