"""Data sets from elsewhere: found on this machine, or got from their registries, checked and kept.

For tasks; users meet them as ``kd.tasks.fashion_mnist(...)`` and ``kdtheory data``.
"""

from kdtheory.data._catalogue import SETS, Archive, DataSet, File, dataset
from kdtheory.data._get import files, find
from kdtheory.data._places import Place, cache

__all__ = ["SETS", "Archive", "DataSet", "File", "Place", "cache", "dataset", "files", "find"]
