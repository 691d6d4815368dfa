"""Continuous group key agreement: the interface, the servers, and what tree protocols share.

Applications use a protocol (:func:`ttkem.tainted.tainted_treekem`, say) through :class:`CGKA` and
:class:`Member`; a new tree protocol is a :class:`Planner` (see :mod:`ttkem.tainted.refresh`); any
other protocol implements :class:`CGKA` as it likes.
"""

from ttkem.cgka.interface import CGKA, EpochStarted, Event, Kind, Member, Operation, Removed
from ttkem.cgka.malicious import MaliciousServer
from ttkem.cgka.plan import Change, Plan, Planner
from ttkem.cgka.server import Delivery, DeliveryServer, Message, Verdict, Welcomed
from ttkem.cgka.tree_member import TreeCGKA, TreeMember

__all__ = [
    "CGKA",
    "Change",
    "Delivery",
    "DeliveryServer",
    "EpochStarted",
    "Event",
    "Kind",
    "MaliciousServer",
    "Member",
    "Message",
    "Operation",
    "Plan",
    "Planner",
    "Removed",
    "TreeCGKA",
    "TreeMember",
    "Verdict",
    "Welcomed",
]
