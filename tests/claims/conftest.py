"""Files of false conjectures are loaded by their test, as a user's files are; pytest is not to import them."""

collect_ignore_glob = ["false_conjectures_*.py"]
