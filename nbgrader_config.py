"""This checkout is an nbgrader course: every stock command and the formgrader work here.

What an instructor may want to change stands first. The lists below name the steps of each command;
ours stand among nbgrader's own (see `autograder/torchgrade/nbgrader/` and
`extension/torchenstein/hints/`).
"""

import os
import sysconfig
import warnings

from traitlets.config import Config

c: Config = globals()["get_config"]()  # put there by nbgrader when it reads this file

# --- yours to change ---

c.CourseDirectory.course_id = "torchenstein"

# What opens hint tiers 2 and 3: "open", "attempt", "failed check" or "never". Tier 1 is always
# open.
c.UnlockPolicy.tier_2 = "attempt"
c.UnlockPolicy.tier_3 = "failed check"

# The voice of the course; course/voices/plain.yml takes the character out.
c.ApplyVoice.pack = "course/voices/torchenstein.yml"

# Seconds a cell of a submission may take.
c.Execute.timeout = 30

# --- how the course is made and graded ---

# Tiny tensors run up to ten times slower when threads fight, and grades must not depend on the
# number of cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

# nbgrader makes a new gradebook with the command `alembic`; find it in an environment that is not
# activated, too.
os.environ["PATH"] = os.pathsep.join(
    [sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
)

# SQLAlchemy 2 says this of nbgrader's own models at every submission; the scores are saved.
warnings.filterwarnings("ignore", "Object of type <Submitted.* not in session")

# Nothing waits for a kernel that has done its work (one second a submission).
c.Execute.shutdown_kernel = "immediate"
c.Execute.extra_arguments = ["--log-level=40"]  # kernels report errors, not their own warnings

# release/ and solution/ are made from source/ and never edited, so making them again replaces them.
c.GenerateAssignment.force = True
c.GenerateSolution.force = True

# Reading: a broken source notebook, or an unreadable submission, ends in one message that says
# what to do.
c.GenerateAssignment.exporter_class = "torchgrade.nbgrader.exporters.SourceExporter"
c.GenerateSolution.exporter_class = "torchgrade.nbgrader.exporters.SolutionExporter"
c.Autograde.exporter_class = "torchgrade.nbgrader.exporters.SubmissionExporter"

c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "torchenstein.hints.ApplyVoice",
    "torchenstein.hints.MoveHints",
    "torchenstein.hints.UnlockPolicy",
    "torchgrade.nbgrader.mistakes.CarryMistakes",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.GenerateSolution.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "torchenstein.hints.ApplyVoice",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearMarkScheme",
    "torchgrade.nbgrader.solution.RunSolution",  # the gate: nothing may raise
    "torchgrade.nbgrader.solution.PublishSolution",
]

c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "torchgrade.nbgrader.sanitize.SettleCells",  # copies, deletions, damage
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute",
    "torchgrade.nbgrader.grading.IgnoreStderr",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "torchgrade.nbgrader.feedback.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# For feedback and for the formgrader's own pages: no script of a submission runs for who reads it.
c.HTMLExporter.preprocessors = ["torchgrade.nbgrader.markup.QuietMarkup"]

# Submissions run in torchgrade's engine: a warm server, a sandbox for the student's code, a judge
# that it cannot reach. Without these two lines nbgrader's own Execute runs them in a kernel.
from torchgrade.nbgrader.execute import use_engine  # noqa: E402

use_engine(c)
