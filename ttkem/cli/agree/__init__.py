"""The commands ``ttkem agree``: check, run and decide approximate agreement on graphs."""
