"""Studies on networks: ``NAME.json`` is registered before the first run, ``NAME.py`` runs one cell with one seed."""
