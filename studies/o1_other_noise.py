"""O1, continued: do other sources of noise in training do what dropout may do?"""

from .o1_dropout import cells, run

__all__ = ["cells", "run"]
