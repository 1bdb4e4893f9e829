"""The routes: thin, and closed to whoever may not read the server's contents."""

import asyncio
import json

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from torchenstein.server.progress import ProgressReader


class ProgressHandler(APIHandler):
    """`GET torchenstein/progress`: see `ProgressReader.read` for the JSON."""

    # What it tells is read from notebooks: who may not read those may not read this.
    auth_resource = "contents"

    def initialize(self, reader: ProgressReader) -> None:
        """Tornado's way to hand over what the route was added with."""
        super().initialize()
        self.reader = reader

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the course and the progress in each lesson."""
        progress = await asyncio.to_thread(self.reader.read)
        self.finish(json.dumps(progress))
