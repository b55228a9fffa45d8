"""The connector store: what is in force, kept in SQL tables that other programs read too.

``reader`` is all that a plan needs; only apply opens a ``writer``. docs/store.md is the contract.
"""
