"""A math renderer for Sphinx: KaTeX sets each equation while the site is built, in one process of Node."""

import json
import subprocess

from docutils import nodes

SERVER = """
const katex = require(process.argv[1]);
require("readline").createInterface({input: process.stdin}).on("line", line => {
  const {latex, display} = JSON.parse(line);
  let answer;
  try { answer = {html: katex.renderToString(latex, {displayMode: display, strict: false})}; }
  catch (error) { answer = {error: error.message}; }
  console.log(JSON.stringify(answer));
});
"""


class Katex:
    """Equations from LaTeX to HTML with MathML.

    Args:
        script: the path of `katex.min.js`.
    """

    def __init__(self, script: str):
        self.script, self.node = script, None

    def __call__(self, latex: str, display: bool) -> str:
        """One equation as HTML.

        Raises:
            ValueError: it is no LaTeX that KaTeX knows.
        """
        if self.node is None:
            command = ["node", "-e", SERVER, self.script]
            self.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        print(json.dumps({"latex": latex, "display": display}), file=self.node.stdin, flush=True)
        answer = json.loads(self.node.stdout.readline())
        if "error" in answer:
            raise ValueError(f"{answer['error']} in {latex}")
        return answer["html"]

    def close(self) -> None:
        """Ends the process."""
        if self.node is not None:
            self.node.stdin.close()
            self.node.wait()
            self.node = None


def setup(app):
    app.add_config_value("katex_script", None, "env")
    app.connect("builder-inited", lambda app: setattr(app, "katex", Katex(app.config.katex_script)))
    app.connect("build-finished", lambda app, error: app.katex.close())
    app.add_html_math_renderer("katex", inline_renderers=(_inline, None), block_renderers=(_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def _inline(writer, node):
    writer.body.append(f'<span class="math">{writer.builder.app.katex(node.astext(), display=False)}</span>')
    raise nodes.SkipNode


def _block(writer, node):
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    writer.body.append(writer.builder.app.katex(node.astext(), display=True) + "</div>\n")
    raise nodes.SkipNode
