"""Real PostgreSQL and MariaDB servers for the tests, beside SQLite.

``programs`` finds (and ``install`` installs) the server programs, ``server`` runs one server,
``shared`` lets all processes of a run share one of each kind, ``places`` are a test's stores there,
``fixtures`` hands them to tests, and ``plugin`` counts and says which databases ran.
"""
