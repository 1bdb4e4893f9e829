"""The program `torchgrade run` with the fake engine, and without torch, which is slow to import."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]

package: Any = ModuleType("torchgrade")
package.__path__ = [str(ROOT / "autograder" / "torchgrade")]
sys.modules["torchgrade"] = package
sys.path.insert(0, str(ROOT))
engine = import_module("tests.autograder.grading.fake_engine")
sys.modules["torchgrade.engine.engine"] = engine.module()
sys.exit(import_module("torchgrade.cli").main(["run", *sys.argv[1:]]))
