"""What a page about a submission must not do: run a script of it."""

import re
from html import unescape
from typing import Any

from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from traitlets import Any as AnyTrait
from traitlets import Bool, List, Set, Unicode

# Markup that does something of its own. Other markup of a lesson's text stays as it is, because
# cleaning it would also write its `>` and `&` in another way.
LIVE = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|style|link|meta|base|form|svg|math)\b"
    r"|\bon\w+\s*=|(java|vb)script\s*:|srcdoc|data\s*:\s*text",
    re.IGNORECASE,
)
SCRIPT_LINK = re.compile(r"(java|vb)script\s*:", re.IGNORECASE)
MARKDOWN = "text/markdown"
TAGS = [
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "details", "div", "em", "h1", "h2"),
    *(
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
    ),
    *(
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ),
]
STYLES = [
    *("background-color", "border", "border-collapse", "border-left", "color", "display", "height"),
    *("font-family", "font-size", "font-style", "font-weight", "line-height", "margin", "width"),
    *("margin-left", "margin-top", "max-width", "padding", "text-align", "vertical-align"),
]
ATTRIBUTES = {
    "*": ["class", "style", "title", "role", "aria-hidden", "aria-label"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}


class QuietMarkup(SanitizeHTML):
    """Takes scripts out of a submission's text and outputs, so that none runs for who reads them.

    Whoever opens a report is logged in to the class's server; a script of a student's would act
    there in their name. Goes into `HTMLExporter.preprocessors`: feedback and the formgrader use it.
    """

    enabled = Bool(True).tag(config=True)
    tags = List(Unicode(), TAGS).tag(config=True)
    styles = List(Unicode(), STYLES).tag(config=True)
    attributes = AnyTrait(ATTRIBUTES).tag(config=True)

    sanitized_output_types = Set({"text/html"}).tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int
    ) -> tuple[NotebookNode, Any]:
        if cell.cell_type != "code":
            cell.source = self._prose(cell.source)
            return cell, resources
        prose = [output.get("data", {}).get(MARKDOWN) for output in cell.outputs]
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        for output, text in zip(cell.outputs, prose, strict=True):
            if isinstance(text, str):
                output.data[MARKDOWN] = self._prose(text)
        return cell, resources

    def _prose(self, text: str) -> str:
        plain = unescape(text)
        if not LIVE.search(plain):
            return text
        # Markdown makes links of its own, which no cleaning of HTML sees.
        return str(self.sanitize_html_tags(SCRIPT_LINK.sub("javascript ", plain)))
