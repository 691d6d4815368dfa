"""The commands ``ttkem vectors``: check and generate MLS test vectors."""
