"""What a learner's cell has no honest use for and a dishonest one has: lists, no logic.

A watcher that lives in the learner's process can be found (frames, the garbage collector, module
tables), replaced (attributes of modules and classes) or avoided (threads, callbacks below torch's
Python side, code that is not in the notebook).
"""

import importlib.util
import sys
from functools import cache, lru_cache

import torchgrade

# Modules with no harmless side, and functions of otherwise harmless ones.
FORBIDDEN = frozenset({
    "IPython", "_pytest", "_thread", "annotationlib", "asyncio.to_thread", "bdb", "cffi",
    "cloudpickle", "code", "codeop", "comm", "concurrent", "ctypes", "debugpy", "dill", "gc",
    "importlib", "inspect", "ipykernel", "marshal", "mock", "multiprocessing",
    "numpy.ctypeslib", "pickle.Unpickler", "pickle.load", "pickle.loads", "pytest.MonkeyPatch",
    "runpy", "shelve", "sys._", "sys.addaudithook", "sys.call_tracing", "sys.exc_info",
    "sys.meta_path", "sys.modules", "sys.monitoring", "sys.path_hooks",
    "sys.path_importer_cache", "sys.setprofile", "sys.settrace", "threading", "torch._",
    "torch.jit", "torch.library", "torch.multiprocessing", "torch.overrides", "torch.utils._",
    "torch.utils.cpp_extension", "types.CellType", "types.CodeType", "types.FrameType",
    "types.FunctionType", "types.LambdaType", "types.TracebackType", "typing.ForwardRef",
    "typing.get_type_hints", "unittest.mock", "builtins.__", "builtins.breakpoint",
    "builtins.compile",
})  # fmt: skip
# Exceptions to the list above.
HARMLESS = frozenset({
    "IPython.display", "IPython.__version__", "IPython.version_info", "builtins.__debug__",
    "builtins.__doc__", "builtins.__name__", "gc.collect", "gc.disable", "gc.enable",
    "importlib.metadata", "importlib.resources", "importlib.util.find_spec",
    "inspect.Parameter", "inspect.cleandoc", "inspect.getdoc", "inspect.getsource",
    "inspect.isclass", "inspect.isfunction", "inspect.signature", "multiprocessing.cpu_count",
    "torch.__", "torch._assert", "torch._dynamo", "torch._foreach_", "torch._inductor",
    "torch._logging",
})  # fmt: skip
# To import these does nothing; their attributes are looked at.
IMPORTABLE = {
    "IPython",
    "IPython.get_ipython",
    "gc",
    "importlib",
    "importlib.util",
    "inspect",
    "multiprocessing",
}
# Modules that one may hand around: no watcher rests on them.
PLAIN_MODULES = frozenset({
    "math", "random", "time", "torch.accelerator", "torch.backends", "torch.cuda", "torch.mps",
    "torch.xpu",
})  # fmt: skip
# Attributes of modules that are there to be set.
SETTINGS = frozenset({
    "matplotlib.rcParams", "pandas.options", "plotly.io.renderers", "plotly.io.templates",
    "torch._dynamo.config", "torch._inductor.config", "torch.backends",
})  # fmt: skip
# Frames, tracebacks and generators lead to the caller, a class's mro to those of torch.
FRAMES = {
    "ag_frame", "cr_frame", "f_back", "f_builtins", "f_code", "f_globals", "f_locals",
    "gi_frame", "mro", "run_in_executor", "tb_frame", "tb_next",
}  # fmt: skip
# torch calls back into Python below the place where functions are watched.
CALLBACKS = {"apply_", "map_", "map2_"}
# They run a string; with a literal, what the string says is looked at.
STRING_RUNNERS = {
    "cProfile.run", "eval", "exec", "timeit.Timer", "timeit.repeat", "timeit.timeit",
    "torch.utils.benchmark.Timer",
}  # fmt: skip
# Attributes with two underscores that lead nowhere else.
_WORDS = (
    "abs add all and annotations bool call cause class contains context debug delitem dict "
    "div doc enter eq exit file float floordiv format ge getitem gt hash iadd idiv imul index "
    "init int invert isub iter itruediv le len lt main matmul mod module mul name ne neg new "
    "next or pos post_init pow qualname radd repr reversed rmatmul rmul rpow rsub rtruediv "
    "setitem slots str sub truediv match_args version version_info xor"
)
DUNDERS = {f"__{word}__" for word in _WORDS.split()}
OVERRIDES = {"__torch_function__", "__torch_dispatch__"}
# Magics that show, measure, or run a program of their own. The first run Python that we read too.
READ_MAGICS = {"capture", "prun", "time", "timeit"}
MAGICS = READ_MAGICS | {
    "automagic", "bash", "cat", "cd", "conda", "config", "env", "html", "javascript", "js",
    "latex", "ls", "lsmagic", "magic", "markdown", "matplotlib", "mkdir", "pdoc", "pfile",
    "pinfo", "pinfo2", "pip", "pprint", "precision", "psearch", "psource", "pwd", "quickref",
    "set_env", "sh", "svg", "system", "sx", "uv", "who", "who_ls", "whos", "writefile",
}  # fmt: skip
# Packages learners import at home; where they are not installed the import fails, no more.
COMMON = {
    "PIL", "accelerate", "albumentations", "captum", "cv2", "datasets", "einops", "fastai",
    "google", "huggingface_hub", "imageio", "ipywidgets", "jax", "keras", "lightning",
    "matplotlib", "netron", "nltk", "numpy", "onnx", "pandas", "plotly", "psutil",
    "pytorch_lightning", "requests", "scipy", "seaborn", "skimage", "sklearn", "spacy", "sympy",
    "tensorboard", "tensorflow", "timm", "tokenizers", "torch", "torchaudio", "torchenstein",
    "torchgrade", "torchinfo", "torchmetrics", "torchsummary", "torchtext", "torchvision",
    "torchviz", "tqdm", "transformers", "triton", "wandb", "yaml",
}  # fmt: skip


@lru_cache(maxsize=4096)
def _within(path: str, prefixes: frozenset[str]) -> bool:
    """Whether a path is one of the prefixes or below it; one that ends in `_` is a beginning."""
    parts = path.split(".")
    if any(".".join(parts[:count]) in prefixes for count in range(1, len(parts) + 1)):
        return True
    return any(one.endswith("_") and path.startswith(one) for one in prefixes)


def forbidden(path: str) -> bool:
    """Whether nobody honest reads or calls what is at this path."""
    if path.startswith("torchgrade."):
        name, _, rest = path.removeprefix("torchgrade.").partition(".")
        public = name in torchgrade.__all__ or name in DUNDERS
        return not public or not (rest == "" or rest in DUNDERS)
    if path == "builtins":
        return True  # the module; its functions are told apart below
    if path in IMPORTABLE:
        return False
    return _within(path, FORBIDDEN) and not _within(path, HARMLESS)


def forbidden_import(path: str) -> bool:
    """Whether nobody honest imports this module, or this name of a module."""
    return path not in IMPORTABLE and path != "torchgrade" and forbidden(path)


def settable(path: str) -> bool:
    """Whether this attribute of a module is a setting."""
    return _within(path, SETTINGS)


def precious(path: str) -> bool:
    """Whether a module or class that a watcher rests on is at this path."""
    root = path.partition(".")[0]
    if path == "torch.Tensor" or root == "torchgrade":
        return True
    if _within(path, PLAIN_MODULES) or path not in sys.modules:
        return False
    return root in sys.stdlib_module_names or root == "torch"


@cache
def unknown_package(root: str) -> bool:
    """Whether this is a module from a file of the submission's own, whose source we do not see."""
    if root in COMMON or root in sys.stdlib_module_names:
        return False
    try:
        return importlib.util.find_spec(root) is None
    except (ImportError, ValueError):
        return True
