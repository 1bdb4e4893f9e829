"""What the pages ask the server for: the course, and how far the learner has come.

One route, `GET torchenstein/progress`, for people who may read the server's contents.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from torchenstein.server.progress import ProgressReader
from torchenstein.server.routes import ProgressHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["ProgressHandler", "ProgressReader"]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Add the route to a server that starts."""
    reader = ProgressReader(Path(app.root_dir))
    route = url_path_join(app.web_app.settings["base_url"], "torchenstein", "progress")
    app.web_app.add_handlers(".*$", [(route, ProgressHandler, {"reader": reader})])
