"""Continuous group key agreement: interface, delivery services, and what tree protocols share.

Applications use a protocol (:func:`ttkem.tainted.tainted_treekem`, say) through :class:`CGKA` and
:class:`Member`; a new tree protocol is a :class:`Planner` (see :mod:`ttkem.tainted.refresh`); any
other protocol implements :class:`CGKA` as it likes.
"""

from ttkem.cgka.delivery_service import (
    Acknowledgement,
    Delivery,
    DeliveryService,
    Message,
    Welcomed,
)
from ttkem.cgka.equivocating import EquivocatingDeliveryService
from ttkem.cgka.interface import CGKA, EpochStarted, Event, Kind, Member, Operation, Removed
from ttkem.cgka.plan import Change, Plan, Planner
from ttkem.cgka.tree_member import TreeCGKA, TreeMember

__all__ = [
    "CGKA",
    "Acknowledgement",
    "Change",
    "Delivery",
    "DeliveryService",
    "EpochStarted",
    "EquivocatingDeliveryService",
    "Event",
    "Kind",
    "Member",
    "Message",
    "Operation",
    "Plan",
    "Planner",
    "Removed",
    "TreeCGKA",
    "TreeMember",
    "Welcomed",
]
