"""Which layers a sandbox gets, and whether they are enough."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from torchgrade.engine.sandbox import landlock, places
from torchgrade.engine.sandbox.credentials import may_read_everything
from torchgrade.engine.sandbox.host import host
from torchgrade.engine.sandbox.policy import HiddenPlaceExposed, NoProcessBoundary, Policy
from torchgrade.engine.task import Layer

OTHERS_READ, OTHERS_SEARCH = 0o004, 0o001


@dataclass(frozen=True)
class Plan:
    """Why each layer is missing; "" where it is active.

    Attributes:
        view: what is shown of the file system.
        reads_everything: the learner's process may open directories that are closed to others,
            where Landlock allows it, because the interpreter lies in one.
    """

    view: places.View
    namespaces: str
    landlock: str
    seccomp: str
    limits: str
    credentials: str
    reads_everything: bool = False

    @property
    def boundary(self) -> bool:
        """Can the learner's process neither signal nor trace nor read the grader's?"""
        held_in = not self.landlock and not self.seccomp
        return not self.namespaces or not self.credentials or held_in

    @property
    def foreign(self) -> bool:
        """Are the user's other processes within sight?"""
        return bool(self.namespaces and self.credentials)

    @property
    def signals_scoped(self) -> bool:
        """Does anything but the filter of system calls keep signals inside?"""
        scoped = not self.landlock and landlock.version() >= landlock.SCOPES_SINCE
        return not self.foreign or scoped

    def layers(self) -> list[Layer]:
        """For the report."""
        why = {
            "namespaces": self.namespaces,
            "landlock": self.landlock,
            "seccomp": self.seccomp,
            "limits": self.limits,
            "credentials": self.credentials,
        }
        return [Layer(name, not reason, reason) for name, reason in why.items()]


def make(policy: Policy, without: Container[str] = ()) -> Plan:
    """Decide, or refuse.

    Args:
        without: layers to leave out although they are at hand.

    Raises:
        NoProcessBoundary: nothing would keep the learner's process from the grader's.
        HiddenPlaceExposed: something that must stay hidden would be readable.
    """
    view = places.view(policy.accelerator)
    shown = (*view.readable, policy.directory)
    places.refuse_exposure(policy, shown)

    def reason(name: str, found: str) -> str:
        return "switched off" if name in without else found

    namespaces = reason("namespaces", host().namespaces)
    landlocked = reason("landlock", host().landlock)
    credentials = reason("credentials", host().credentials)
    reads_everything = False
    if namespaces and not credentials:
        closed = next((place for place in shown if not _open_to_others(place)), None)
        if closed and (landlocked or not may_read_everything()):
            credentials = f"another user could not read {closed}"
        reads_everything = closed is not None and not credentials
    plan = Plan(
        view=view,
        namespaces=namespaces,
        landlock=landlocked,
        seccomp=reason("seccomp", host().seccomp),
        limits=reason("limits", ""),
        credentials=credentials,
        reads_everything=reads_everything,
    )
    if not policy.unprotected:
        _refuse_weakness(plan, policy)
    return plan


def _refuse_weakness(plan: Plan, policy: Policy) -> None:
    missing = "; ".join(f"{each.name}: {each.detail}" for each in plan.layers() if not each.active)
    if not plan.boundary:
        raise NoProcessBoundary(
            "Nothing here keeps learners' code away from the grader's process. Missing are "
            f"{missing}. Grade on a host that allows one of these, or pass --unprotected if you "
            "trust every submission."
        )
    if policy.hidden and plan.namespaces and plan.landlock:
        raise HiddenPlaceExposed(
            f"Nothing here hides {policy.hidden[0]} from learners' code. Missing are {missing}. "
            "Grade on a host that allows one of these, or pass --unprotected if you trust every "
            "submission."
        )


def _open_to_others(place: Path) -> bool:
    own = OTHERS_READ | (OTHERS_SEARCH if place.is_dir() else 0)
    above = all(parent.stat().st_mode & OTHERS_SEARCH for parent in place.parents)
    return above and place.stat().st_mode & own == own
