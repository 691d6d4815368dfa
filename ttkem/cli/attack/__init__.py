"""The command ``ttkem attack``: run campaigns of adversaries, and replay what they found."""
