"""The commands ``ttkem mls``: inspect MLS structures, and publish illegal messages."""
