"""Tests of an implementation of MLS: illegal messages, and the working group's test vectors."""
