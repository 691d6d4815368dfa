"""Each integer that travels, with what a receiver uses it for, and why no value can harm later.

The tables are complete: a new field of a message, or a codec of another size, fails here until
somebody has asked what its largest value does to later calls (:mod:`ttkem.wire.limits`).
"""

import importlib
import pkgutil
from dataclasses import fields, is_dataclass
from typing import get_type_hints

from ttkem.cgka import messages
from ttkem.mls.messages import content, framing
from ttkem.wire.codecs import Optional, Uint, Vector

EQUAL = "compared with the group's own, or with a fixed value; any other is refused"
PLACE = "looked up in the tree; refused where there is no such node or member"
LISTED = "compared with the types that members list"
LOOKED_UP = "looked up, and refused or reported as unknown if it is not there"

TREE_PROTOCOLS = {
    "KeyPackageContent.suite": (2, EQUAL),
    "Remove.leaf": (4, PLACE),
    "Content.suite": (2, EQUAL),
    "Content.epoch": (8, EQUAL),
    "Content.author": (4, PLACE),
    "SeedContext.refreshed": (4, "made by the receiver from its tree"),
    "SeedContext.recipient": (4, "made by the receiver from its tree"),
    "PublicLeaf.node": (4, PLACE),
    "PublicInternalNode.node": (4, PLACE),
    "PublicInternalNode.taint": (4, PLACE),
    "Snapshot.epoch": (8, "counted on from: at most LAST_JOINED_EPOCH"),
    "Snapshot.capacity": (4, "a power of two below 2^32; it doubles only when all leaves are full"),
}

MLS = {
    "Capabilities.cipher_suites": (2, LISTED),
    "Capabilities.credentials": (2, LISTED),
    "Capabilities.extensions": (2, LISTED),
    "Capabilities.proposals": (2, LISTED),
    "Capabilities.versions": (2, LISTED),
    "CustomProposal.proposal_type": (2, LISTED),
    "OtherCredential.credential_type": (2, LISTED),
    "ExternalSenderIndex.sender_index": (4, LOOKED_UP),
    "Extension.extension_type": (2, LISTED),
    "RequiredCapabilities.extension_types": (2, LISTED),
    "RequiredCapabilities.proposal_types": (2, LISTED),
    "RequiredCapabilities.credential_types": (2, LISTED),
    "FramedContent.epoch": (8, EQUAL),
    "GroupContext.cipher_suite": (2, EQUAL),
    "GroupContext.epoch": (8, "counted on from: at most LAST_JOINED_EPOCH"),
    "GroupInfo.signer": (4, PLACE),
    "InKeyPackage.not_before": (8, "compared with the clock, and subtracted; never encoded again"),
    "InKeyPackage.not_after": (8, "compared with the clock, and subtracted; never encoded again"),
    "KeyPackage.cipher_suite": (2, EQUAL),
    "KeyPackage.version": (2, EQUAL),
    "MemberSender.leaf_index": (4, PLACE),
    "ParentNode.unmerged_leaves": (4, PLACE),
    "PrivateContentAAD.epoch": (8, EQUAL),
    "PrivateMessage.epoch": (8, EQUAL),
    "ReInit.cipher_suite": (2, "the group closes; a successor needs a client of that suite"),
    "ReInit.version": (2, "at least the group's; the group closes"),
    "Remove.removed": (4, PLACE),
    "ResumptionPsk.psk_epoch": (8, LOOKED_UP),
    "SenderData.generation": (4, "counted on from: below END_OF_RATCHET"),
    "SenderData.leaf_index": (4, PLACE),
    "SenderDataAAD.epoch": (8, EQUAL),
    "Welcome.cipher_suite": (2, EQUAL),
}


def sizes(codec):
    """The sizes in bytes of the integers that a codec encodes as such, tags excepted."""
    if isinstance(codec, Uint):
        return {codec.size}
    return sizes(codec.item) if isinstance(codec, Optional | Vector) else set()


def integers(modules):
    """The integer fields of the structures that modules define: size by name."""
    found = {}
    for module in modules:
        for kind in vars(module).values():
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
                hints = get_type_hints(kind, include_extras=True)
                for field in fields(kind):
                    codec = getattr(hints[field.name], "__metadata__", (None,))[0]
                    for size in sizes(codec):
                        found[f"{kind.__name__}.{field.name}"] = size
    return found


def sized(table):
    return {name: size for name, (size, _) in table.items()}


def test_the_integers_of_the_tree_protocols():
    assert integers([messages]) == sized(TREE_PROTOCOLS)


def test_the_integers_of_mls():
    where = importlib.import_module("ttkem.mls.messages")
    names = [found.name for found in pkgutil.iter_modules(where.__path__)]
    modules = [importlib.import_module(f"{where.__name__}.{name}") for name in names]
    assert {content, framing} <= set(modules)
    assert integers(modules) == sized(MLS)
