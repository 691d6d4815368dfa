"""Messaging Layer Security, RFC 9420.

Each module is a section or two of the RFC and says which; a bare "section" in this package is one
of RFC 9420.
"""
