"""Four members agree on keys with Tainted TreeKEM: create, update, remove.

Run it with ``python examples/group_of_four.py``.
"""

from ttkem.cgka import DeliveryService
from ttkem.crypto import SystemRandomness
from ttkem.tainted import tainted_treekem
from ttkem.tree import draw


def main() -> None:
    """Create a group, heal a taint, and remove a member."""
    protocol, randomness = tainted_treekem(), SystemRandomness()
    pki: dict[str, bytes] = {}  # who has which signature key: your application knows
    names = ("ann", "bob", "cat", "dan")
    members = {name: protocol.member(name, pki, randomness) for name in names}
    pki |= {name: member.signature_key for name, member in members.items()}
    ann, *others = members.values()

    service = DeliveryService()  # orders operations; yours will be a network

    def deliver() -> None:
        for member in members.values():
            service.deliver(member)

    service.submit(ann.create([member.key_package() for member in others]))
    deliver()
    print("Ann created the group. She sampled a key off her path, so it is tainted:\n")
    print(draw(ann.tree))

    operation = members["cat"].update()
    service.submit(operation)
    deliver()
    print(f"\nCat updated, for {operation.ciphertexts} ciphertexts; refreshed nodes are starred:\n")
    print(draw(ann.tree, operation.refreshed))

    service.submit(members["dan"].remove("bob"))
    deliver()
    keys = {members[name].group_key for name in ("ann", "cat", "dan")}
    print(f"\nDan removed Bob. {len(keys)} group key among the other three: {keys.pop().hex()}")
    print(f"Bob is in the group: {members['bob'].in_group}")


if __name__ == "__main__":
    main()
