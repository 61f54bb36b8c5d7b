"""O1, continued: does stochastic depth, another source of noise in the student, do what dropout may do?"""

from .o1_dropout import cells, run

__all__ = ["cells", "run"]
