"""Tables to look at, in which text is text whatever it says."""

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame
    from pandas.io.formats.style import Styler


def as_table(frame: "DataFrame", formats: str | Mapping | None = None, index: bool = True, **options: Any) -> "Styler":
    """A frame as the notebooks show it: `<b>` in it, or in its names, is no mark of HTML's.

    Args:
        frame: of texts and numbers.
        formats: of the columns, as in pandas' `Styler.format`.
        index: whether to show the names of the rows.
        **options: as in `Styler.format`: `precision`, `na_rep` and so on.

    Returns:
        pandas' `Styler`, for colours and the like.

    Example:

    >>> import pandas as pd
    >>> table = pd.DataFrame({"text": ["<b>"], "score": [0.51234]}).pipe(as_table, index=False, precision=2)
    >>> "&lt;b&gt;" in table.to_html(), "<b>" in table.to_html(), "0.51<" in table.to_html()
    (True, False, True)
    """
    frame = frame.rename_axis(index=_escaped(frame.index.names), columns=_escaped(frame.columns.names))
    styler = frame.style.format(formats, escape="html", **options)
    styler = styler.format_index(escape="html", axis="columns").format_index(escape="html", axis="index")
    return styler if index else styler.hide(axis="index")


def _escaped(names):
    """Of an axis, for which pandas before 3.0 has no option."""
    return [html.escape(name) if isinstance(name, str) else name for name in names]
