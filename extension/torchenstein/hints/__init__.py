"""Preprocessors for nbgrader that turn an author's notebook into the one a learner opens.

They stand in `GenerateAssignment.preprocessors` of a course's `nbgrader_config.py`, so the
command, the formgrader's button and `lab.py build` do the same:

- `ApplyVoice` writes the characters' names, or takes the character out;
- `MoveHints` moves hint cells into the metadata of the answers they belong to;
- `UnlockPolicy` writes down what opens tiers 2 and 3, for the hint panel to follow.
"""

from torchenstein.hints.move import HintError, MoveHints, split_tiers
from torchenstein.hints.policy import UnlockPolicy
from torchenstein.hints.voice import ApplyVoice, VoiceError

__all__ = ["ApplyVoice", "HintError", "MoveHints", "UnlockPolicy", "VoiceError", "split_tiers"]
