"""Two small protocols without a tree: examples of how to write a CGKA, and of what the judge sees.

* :func:`pairwise_channels`: each operation sends a fresh secret to each member. Members heal by
  their next own operation, at the cost of one ciphertext for each member and operation.
* :func:`sender_keys`: each member derives the secrets of its operations from a chain that the
  others hold too. An operation needs few ciphertexts, and nobody ever heals.

Both implement :class:`ttkem.cgka.CGKA` by :mod:`~ttkem.testing.sample_protocols.member`, which
does what protocols have in common. They are tested like everybody's::

    pytest --cgka ttkem.testing.sample_protocols:pairwise_channels

>>> from ttkem.testing import CHECKS, carry_out
>>> carry_out(CHECKS[1], sender_keys(), seed="1").status.value
'passed'
"""

from ttkem.testing.sample_protocols.pairwise import PairwiseChannels, pairwise_channels
from ttkem.testing.sample_protocols.sender_keys import SenderKeys, sender_keys

__all__ = ["PairwiseChannels", "SenderKeys", "pairwise_channels", "sender_keys"]
