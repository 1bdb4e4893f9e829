"""The route that grades a notebook and tells of it while it goes on."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyterlab_server.translation_utils import translator
from tornado import web
from tornado.iostream import StreamClosedError

from torchenstein.server.files import SUFFIX
from torchenstein.server.grade import AlreadyGrading, Graders
from torchenstein.translation import DOMAIN

trans = translator.load(DOMAIN)


class GradeHandler(APIHandler):
    """`POST torchenstein/grade` with `{"path": ...}`: events of `torchgrade run`, one a line.

    The answer lasts as long as the grading; whoever hangs up ends it.
    """

    def initialize(self, root: Path, graders: Graders) -> None:
        """Tornado's way to hand over what the route was added with."""
        super().initialize()
        self.root = root
        self.graders = graders
        self.lesson: Path | None = None

    # It reads a notebook and runs what stands in it.
    @web.authenticated
    @authorized("read", "contents")
    @authorized("execute", "kernels")
    async def post(self) -> None:
        """Grade the notebook."""
        lesson = self._lesson()
        self.set_header("Content-Type", "application/x-ndjson")
        self.set_header("X-Accel-Buffering", "no")  # a proxy in between must not collect lines
        self.lesson = lesson
        try:
            async with aclosing(self.graders.grade(lesson)) as lines:
                async for line in lines:
                    self.write(line)
                    await self.flush()
        except AlreadyGrading as error:
            self.lesson = None
            raise web.HTTPError(
                409, trans.gettext("This notebook is being graded already.")
            ) from error
        except StreamClosedError:
            pass

    def on_connection_close(self) -> None:
        """Stop, for nobody waits for the grades any more."""
        super().on_connection_close()
        if self.lesson is not None:
            self.graders.stop(self.lesson)

    def _lesson(self) -> Path:
        body = self.get_json_body()
        path = body.get("path") if isinstance(body, dict) else None
        if not isinstance(path, str) or not path.endswith(SUFFIX):
            raise web.HTTPError(400, trans.gettext("Only notebooks can be graded."))
        root = self.root.resolve()
        lesson = (root / path.lstrip("/")).resolve()
        if not lesson.is_relative_to(root):
            raise web.HTTPError(404, trans.gettext("This notebook is outside the server's folder."))
        return lesson
