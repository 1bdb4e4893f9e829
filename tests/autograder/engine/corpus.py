"""Small cells that show what a kernel does; run in this order in one notebook.

A name is a cell's id. Where our outputs should differ from a stock kernel's, `INTENDED` says why.
"""

import importlib.util

CELLS: dict[str, str] = {
    "expression": "1 + 1",
    "prints": "print('a')\nprint('b', end='')\nprint('ç∑🙂')",
    "prints-and-displays": "print('a')\ndisplay(3)\nprint('b')\n4",
    "both-streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out again')",
    "last-result": "_ + 1, Out[1], In[1]",
    "semicolon": "5;",
    "only-a-comment": "# nothing",
    "none": "None",
    "zero-division": "def half(x):\n    return x / 0\n\nhalf(2)",
    "nested-error": (
        "try:\n    half(1)\nexcept ZeroDivisionError as e:\n    raise KeyError('x') from e"
    ),
    "error-in-library": "import json\njson.loads('{')",
    "error-after-print": "print('before')\nassert 1 == 2, 'no\\nno'",
    "syntax-error": "def f(:\n    pass",
    "indentation-error": "if True:\npass",
    "name-error": "undefined_name",
    "exception-group": "raise ExceptionGroup('both', [ValueError(1), TypeError(2)])",
    "own-exception": "class Odd(Exception):\n    pass\nraise Odd(3)",
    "custom-traceback": (
        "class Quiet(Exception):\n    def _render_traceback_(self):\n"
        "        return ['quiet, please']\nraise Quiet"
    ),
    "sys-exit": "import sys\nsys.exit(3)",
    "keyboard-interrupt": "raise KeyboardInterrupt",
    "html": "from IPython.display import HTML, Markdown, Image, SVG, JSON\nHTML('<b>x</b>')",
    "many-displays": "display(Markdown('*x*'), JSON({'a': [1, None]}), metadata={'k': 1})",
    "png": (
        "import base64\nImage(base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAA"
        "C0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='))"
    ),
    "raw-bundle": "display({'text/plain': 'p', 'application/x+json': {'n': 1.5}}, raw=True)",
    "update-display": (
        "h = display('one', display_id='a')\nh.update('two')\ndisplay('x', display_id='a')"
    ),
    "update-unknown": (
        "from IPython.display import update_display\nupdate_display('x', display_id='?')"
    ),
    "clear": (
        "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')"
    ),
    "clear-and-wait": "print('gone')\nclear_output(wait=True)\ndisplay('stays')",
    "clear-and-wait-for-nothing": "print('stays')\nclear_output(wait=True)",
    "repr-raises": (
        "class Bad:\n    def __repr__(self):\n        raise ValueError('no repr')\nBad()"
    ),
    "repr-html-raises": (
        "class BadHtml:\n    def _repr_html_(self):\n        raise ValueError('no html')\n"
        "    def __repr__(self):\n        return 'fine'\nBadHtml()"
    ),
    "mimebundle": (
        "class Rich:\n    def _repr_mimebundle_(self, **kw):\n"
        "        return {'text/plain': 'p', 'text/html': '<i>'}, {'text/html': {'isolated': "
        "True}}\n"
        "Rich()"
    ),
    "ipython-display": (
        "class Own:\n    def _ipython_display_(self):\n        print('shown by itself')\nOwn()"
    ),
    "long-list": "list(range(2000))",
    "tensor": "import torch\ntorch.arange(6.).reshape(2, 3)",
    "module": "torch.nn.Linear(2, 1)",
    "shape-error": "torch.ones(2) @ torch.ones(3)",
    "await": "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "await-raises": "await asyncio.sleep(0)\n1 / 0",
    "cancelled": "raise asyncio.CancelledError",
    "asyncio-run": "c = asyncio.sleep(0)\ntry:\n    asyncio.run(c)\nfinally:\n    c.close()",
    "create-task": (
        "seen = []\nasync def steps():\n    for i in range(3):\n        seen.append(i)\n"
        "        await asyncio.sleep(0.01)\ntask = asyncio.create_task(steps())\nlen(seen)"
    ),
    "task-goes-on": "await task\nseen, asyncio.get_event_loop().is_running()",
    "async-for": "async def g():\n    yield 1\n[x async for x in g()]",
    "time": "%time sum(range(10))",
    "time-cell": "%%time\nx = 1\nprint(x)\nx",
    "timeit": "%timeit -n1 -r1 pass",
    "capture": "%%capture kept\nprint('hidden')\ndisplay(1)",
    "captured": "kept.stdout, len(kept.outputs)",
    "who": "%who_ls ZeroDivisionError int",
    "history": "%history -n 1-2",
    "shell": "!echo from the shell",
    "shell-to-name": "lines = !printf 'a\\nb\\n'\nlines",
    "shell-fails": "!exit 3\n_exit_code",
    "bash": "%%bash\necho one\necho two >&2",
    "bash-fails": "%%bash\nexit 3",
    "writefile": "%%writefile helper.py\nVALUE = 7",
    "run-magic": "%run helper.py\nVALUE",
    "unknown-magic": "%nosuchmagic",
    "unknown-cell-magic": "%%nosuchmagic\nx",
    "usage-error": "%%timeit -z\npass",
    "gui": "%gui",
    "help": "len?",
    "load-ext": "%load_ext autoreload\n%autoreload 0",
    "alias": "%cd .",
    "warning": "import warnings\nwarnings.warn('careful')",
    "deprecation": "warnings.warn('old', DeprecationWarning)",
    "logging": "import logging\nlogging.getLogger('a').warning('logged')",
    "logging-root": "logging.warning('logged')\nlogging.info('not shown')",
    "write-a-number": "sys.stdout.write(3)",
    "stream-facts": "sys.stdout.isatty(), sys.stdout.encoding.lower(), sys.stdout.write('x')",
    "progress": "for i in range(3):\n    print(f'\\r{i}', end='')\nprint()",
    "thread": (
        "import threading\n"
        "t = threading.Thread(target=print, args=('thread',))\nt.start()\nt.join()"
    ),
    "thread-raises": ("t = threading.Thread(target=lambda: 1 / 0, name='T')\nt.start()\nt.join()"),
    "subprocess-output": (
        # Jupyter hears of it on a thread, and what comes after the cell's end is lost.
        "import subprocess, time\nsubprocess.run([sys.executable, '-c', 'print(5)'], check=True)\n"
        "time.sleep(0.2)"
    ),
    "file-descriptor": "import os, time\nos.write(1, b'to one\\n')\ntime.sleep(0.2)",
    "redirect": (
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as s:\n"
        "    print('kept')\ns.getvalue()"
    ),
    "main": "half.__module__, __name__, sys.modules['__main__'].half is half",
    "pickle": "import pickle\npickle.loads(pickle.dumps(half)) is half",
    "source": "import inspect\nprint(inspect.getsource(half))",
    "fork": (
        "import multiprocessing\ndef twice(x):\n    return 2 * x\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n    print(pool.map(twice, [1]))"
    ),
    "get-ipython": (
        "type(get_ipython()).__name__, 'IPKernelApp' in get_ipython().config,\\\n"
        "    get_ipython().execution_count"
    ),
    "future": "from __future__ import annotations\ndef g(x: nothing): pass\ng.__annotations__",
    "rich": "from rich import print as rprint\nrprint('[bold]x[/bold]')",
    "widget": "import ipywidgets\nslider = ipywidgets.IntSlider(3)\nslider",
    "widget-works": (
        "got = []\nslider.observe(lambda c: got.append(c.new), 'value')\nslider.value = 5\ngot"
    ),
    "input": "input('name? ')",
    "del-and-dir": "del half\n'half' in dir()",
    "reset": "%reset -f\n'torch' in dir()",
}

IF_INSTALLED: dict[str, str] = {
    "matplotlib": (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
        "print(plt.get_backend())"
    ),
    "tqdm": "from tqdm import tqdm\nfor i in tqdm(range(3), bar_format='{n}'): pass",
    "tqdm.auto": "from tqdm.auto import tqdm\ntype(tqdm(range(3), disable=True)).__mro__[0]",
    "anywidget": (
        "import anywidget\nclass W(anywidget.AnyWidget):\n"
        "    _esm = 'export default {render() {}}'\nW()"
    ),
    "plotly": (
        "import plotly.graph_objects as go\n"
        "go.Figure(go.Scatter(y=[1, 2])).show(renderer='plotly_mimetype')"
    ),
    "pandas": "import pandas\npandas.DataFrame({'a': [1, 2]})",
}
"""By the module that a cell needs."""


def installed(name: str) -> bool:
    """Whether a module can be imported."""
    return importlib.util.find_spec(name.partition(".")[0]) is not None


CELLS |= {name: source for name, source in IF_INSTALLED.items() if installed(name)}

INTENDED: dict[str, str] = {
    "input": "the frame that refuses is ours, not ipykernel's",
    "write-a-number": "our streams are written in C, so the message is Python's own",
}
"""Cells whose errors are compared by name only, and why.

Not in the corpus, for a real kernel ends there: `exit()` and `quit()`, after which we go on.
"""
