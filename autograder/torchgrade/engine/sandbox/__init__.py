"""What keeps the learner's process in.

`spawn` forks two processes from the fork server. The *warden* stays outside and runs none of the
learner's code: it watches memory and disk, passes interrupts on, and leaves nothing running. The
*learner's* process enters the sandbox and then calls `main`.

The sandbox has layers, and each does what the host lets it do:

==============  =================================================================================
`namespaces`    no other process, no network; `root` is a file system of what is needed, read-only
`landlock`      files once more, TCP, signals and abstract sockets
`seccomp`       system calls that no lesson needs
`limits`        memory, CPU time, processes, file size
`credentials`   another user than the server's, and no capability
==============  =================================================================================

`host` finds out which are at hand, `plan` decides whether they are enough.
"""

from torchgrade.engine.sandbox.policy import HiddenPlaceExposed, NoProcessBoundary, Policy
from torchgrade.engine.sandbox.start import spawn

__all__ = ["HiddenPlaceExposed", "NoProcessBoundary", "Policy", "spawn"]
