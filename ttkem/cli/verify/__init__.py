"""The command ``ttkem verify``: check the catalogues of claims."""
