"""The command ``ttkem simulate``: run the comparison of KPWK21, or replay a recorded group."""
