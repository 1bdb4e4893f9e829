"""A course, an exchange and students in temporary folders, driven by stock nbgrader commands."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from nbgrader.api import Gradebook

from tests.autograder.nbgrader.notebooks import ROOT

COURSE = "torchenstein"
BUSY = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class Classroom:
    """`root` holds `course/`, `exchange/` and a home for everybody; `log` keeps all output."""

    root: Path
    module: str
    log: dict[str, str] = field(default_factory=dict)

    @property
    def course(self) -> Path:
        return self.root / "course"

    def home(self, who: str) -> Path:
        path = self.root / "homes" / who
        path.mkdir(parents=True, exist_ok=True)
        return path

    def environment(self, who: str) -> dict[str, str]:
        """Somebody's own home and Jupyter folders, and no thread limit from outside."""
        env = {name: value for name, value in os.environ.items() if name not in BUSY}
        home = self.home(who)
        return {
            **env,
            "HOME": str(home),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
        }

    def nbgrader(self, *words: str, who: str = "instructor", status: int = 0) -> str:
        """Run a stock command: an instructor's in the course, a student's at home."""
        cwd = self.course if who == "instructor" else self.home(who)
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=cwd,
            env=self.environment(who),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        text = done.stdout + done.stderr
        self.log[f"{who}: {words[0]}"] = text
        assert done.returncode == status, text
        return text

    def student(self, who: str, *words: str) -> str:
        """Run a student's command: no course folder, only the exchange's place and the course."""
        exchange = f"--Exchange.root={self.root / 'exchange'}"
        return self.nbgrader(*words, exchange, f"--course={COURSE}", who=who)

    def open(self) -> None:
        """Make the exchange, and tell the course's configuration where it is."""
        exchange = self.root / "exchange"
        exchange.mkdir()
        exchange.chmod(0o777)
        config = self.course / "nbgrader_config.py"
        config.write_text(config.read_text() + f"\nc.Exchange.root = {str(exchange)!r}\n")

    def scores(self, who: str) -> dict[str, float]:
        """A student's scores by test cell, `notebook/grade id`."""
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as gradebook:
            submission = gradebook.find_submission(self.module, who)
            return {
                f"{notebook.name}/{grade.name}": grade.score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }

    def waiting(self, who: str) -> set[str]:
        """The notebooks of a student that wait for a person."""
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as gradebook:
            submission = gradebook.find_submission(self.module, who)
            return {n.name for n in submission.notebooks if n.needs_manual_grade}

    def autograded(self, who: str, name: str) -> Path:
        return self.course / "autograded" / who / self.module / f"{name}.ipynb"

    def feedback(self, who: str, name: str) -> str:
        """The text of a feedback report, as a person reads it."""
        page = self.course / "feedback" / who / self.module / f"{name}.html"
        return readable(page.read_text(encoding="utf-8"))


def readable(page: str) -> str:
    """Return what a page says: no style sheets, no tags, characters instead of entities."""
    text = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "", text))


def real_course(root: Path, module: str) -> Path:
    """Copy what grading needs of this checkout: configuration, voices and one module."""
    root.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "course" / "voices", root / "course" / "voices")
    shutil.copytree(ROOT / "source" / module, root / "source" / module)
    return root
