"""Sphinx's settings: `docs/build.py` lays the pages where it reads them."""

import os
import sys
from pathlib import Path

import seqzoo

sys.path.insert(0, str(Path(__file__).parent))

from building import docstrings
from building.pages import source_of

KATEX = Path(os.environ["SEQZOO_KATEX"])

project = "seqzoo"
author = "the seqzoo developers"
version = release = seqzoo.__version__
language = "en"
root_doc = "index"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.linkcode",
    "sphinx_copybutton",
    "sphinx_design",
    "building.equations",
]
exclude_patterns = ["docs/live/**/node_modules"]
suppress_warnings = ["mystnb.unknown_mime_type"]

# Pages and notebooks
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # they were executed by `seqzoo run`
nb_merge_streams = True
nb_output_stderr = "remove"  # progress bars
nb_render_markdown_format = "myst"
nb_ipywidgets_js = {}  # they need a kernel; the still picture beside them does not
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

# Equations are set while the site is built, and need no script to be read.
html_math_renderer = "katex"
katex_script = str(KATEX / "katex.min.js")

# Docstrings
default_role = "py:obj"  # what is between single quotes is a link where it is documented, and code elsewhere
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_inherit_docstrings = False
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [
    ("Call arguments", "params_style"),
    (docstrings.SEVERAL, "params_style"),
    "Input shape",
    "Output shape",
    "Symbols",
]
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# The theme: no fonts and no scripts from elsewhere
html_theme = "pydata_sphinx_theme"
html_title = "seqzoo"
html_static_path = ["static", str(KATEX.parent)]
html_css_files = ["katex/katex.min.css", "seqzoo.css"]

html_copy_source = False
html_show_sourcelink = False
ALONE = ("start", "gallery", "notes", "results", "keras", "export", "scale", "live/index")
html_sidebars = {page: [] for page in ("index", "CONTRIBUTING", "CHANGELOG", *(f"docs/{name}" for name in ALONE))}
pygments_style = "a11y-high-contrast-light"
html_theme_options = {
    "logo": {"text": "seqzoo"},
    "icon_links": [{"name": "The code", "url": "https://github.com/seqzoo/seqzoo", "icon": "fa-brands fa-github"}],
    "header_links_before_dropdown": 7,
    "navbar_align": "left",
    "navigation_depth": 3,
    "show_toc_level": 2,
    "back_to_top_button": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_context = {"default_mode": "auto"}
copyright = "the seqzoo developers, MIT licence"


def linkcode_resolve(domain, about):
    return source_of(about["module"], about["fullname"])


def setup(app):
    app.connect("autodoc-process-docstring", docstrings.ready, priority=400)
