"""The inspector: what the tensor panel knows about the learner's kernel.

The page sends one silent request whose only user expression is

    __import__("torchenstein.inspector", fromlist=["reply"]).reply("snapshot")

and reads the answer under `application/json` in the reply. `protocol.json`, one folder up,
describes every answer. Nothing here imports torch: a kernel without it is not made to wait for it.
"""

from .face import PROTOCOL_VERSION, Reply, reply

__all__ = ["PROTOCOL_VERSION", "Reply", "reply"]
