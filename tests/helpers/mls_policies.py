"""Authentication services for tests."""

from ttkem.mls.group.policy import TrustEverybody


class AnySuccession(TrustEverybody):
    """Let every member change its name, and every client with a member's name stand for it."""

    def may_succeed(self, old, new):
        return True

    def may_resync(self, old, new):
        return True
