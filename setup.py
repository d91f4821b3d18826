"""Names the packages: a new folder in zoo/ or layers/ is one without another line here."""

from setuptools import find_packages, setup

FOLDERS = {"seqzoo": "zoo", "seqzoo.layers": "layers", "seqzoo.notebooks": "notebooks"}

setup(
    package_dir=FOLDERS,
    packages=[
        name
        for package, folder in FOLDERS.items()
        for name in (package, *(f"{package}.{inner}" for inner in find_packages(folder)))
    ],
)
