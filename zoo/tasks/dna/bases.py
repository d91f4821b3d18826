"""The letters of DNA, and the bases that each may stand for."""

import numpy as np

# The letters of the IUPAC for one base, and for one out of several. In RNA, U stands where DNA has T.
IUPAC = {
    **{base: base for base in "ACGT"},
    **{"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"},
    **{"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT"},
}


def shares() -> np.ndarray:
    """The vector x⟨t⟩ of each letter: a share of A, C, G and T, for example ½ A + ½ G for R.

    Returns:
        Array of shape `(1 + letters, 4)`: row 0 is padding, the others follow `IUPAC`.

    Example:

    >>> shares()[[1, 5]]
    array([[1. , 0. , 0. , 0. ],
           [0.5, 0. , 0.5, 0. ]])
    """
    vectors = [[(base in bases) / len(bases) for base in "ACGT"] for bases in IUPAC.values()]
    return np.array([[0.0] * 4, *vectors])
