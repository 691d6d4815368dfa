"""``ttkem prove``: whether a claim that is proved holds for a designer's planner too."""
