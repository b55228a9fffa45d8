"""Faults at chosen moments of a real apply: kills, outages, slow lines, full disks, crowds.

``nursery`` runs aliconf in forked processes, ``points`` counts their statements and strikes at the
n-th, ``scenes`` are the configurations that are applied, ``truth`` tells what is in a store and
whether its journal says the same; ``kills``, ``outages``, ``disks`` and ``crowds`` put these
together. ``python -m tests.faults`` does all of it and prints the numbers.
"""
