"""What the pages ask the server for: the course, how far the learner has come, and grades.

`GET torchenstein/progress` is for people who may read the server's contents, and
`POST torchenstein/grade` for those who may also run code here.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from torchenstein.server.grade import Graders
from torchenstein.server.grade_route import GradeHandler
from torchenstein.server.progress import ProgressReader
from torchenstein.server.routes import ProgressHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["GradeHandler", "Graders", "ProgressHandler", "ProgressReader"]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Add the routes to a server that starts."""
    root = Path(app.root_dir)
    graders = Graders()
    atexit.register(graders.close)
    base = url_path_join(app.web_app.settings["base_url"], "torchenstein")
    progress = (f"{base}/progress", ProgressHandler, {"reader": ProgressReader(root)})
    grade = (f"{base}/grade", GradeHandler, {"root": root, "graders": graders})
    app.web_app.add_handlers(".*$", [progress, grade])
