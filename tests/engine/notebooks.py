"""Small notebooks, each of which exercises one thing that a kernel does."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

DISPLAY = "from IPython.display import HTML, Image, Markdown, clear_output, display\n"

CASES: dict[str, list[str]] = {
    "streams": [
        "print('a')\nprint('b', end='')",
        "import sys\nprint('error', file=sys.stderr)\nprint('out')",
        "sys.stdout.write('no newline')\nsys.stdout.writelines(['x', 'y'])",
        "import time\nprint('early')\ntime.sleep(0.5)\n"
        "print('late', file=sys.stderr)\nprint('last')",
        "print('before')\ndisplay(1)\nprint('after')",
        "try:\n    sys.stdout.write(1)\nexcept TypeError as error:\n    print(error)",
    ],
    "descriptors": [
        "import os, subprocess, sys\nos.write(1, b'to one\\n')\nNone",
        # One stream a cell: which of two pipes a stock kernel reads first is chance.
        "subprocess.run([sys.executable, '-c', 'print(1)'])\nNone",
        "subprocess.run([sys.executable, '-c', 'import sys; print(2, file=sys.stderr)'])\nNone",
        # No result: whether a stock kernel shows that before what the program wrote is chance, too.
        "print('x', flush=True)\n_ = os.system('echo direct')",
        "!echo from a shell && echo more",
        "%%bash\necho $((1 + 2))\necho wrong >&2",
        "listed = !printf 'a\\nb'\nlisted",
    ],
    "results": [
        "1 + 1\n2 + 2",
        "None",
        "'quiet';",
        "a = b = {'k': [1, 2.5, None], 't': (1,)}\na",
        "import pandas as pd\npd.DataFrame({'x': [1, 2], 'y': ['<b>', None]})",
        "_ , Out[1], len(In), _i",
        "float('nan')",
        "class Odd:\n    def _repr_html_(self): return '<i>odd</i>'\n"
        "    def _repr_png_(self): return b'\\x89PNG'\n    def __repr__(self): return 'odd'\nOdd()",
        "class Broken:\n    def _repr_html_(self): raise ValueError('no html')\n"
        "    def __repr__(self): return 'fine'\nBroken()",
    ],
    "displays": [
        DISPLAY + "display(HTML('<b>x</b>'), Markdown('*y*'), 'plain')",
        "display({'application/json': {'a': [1]}, 'text/plain': 'j'}, raw=True)",
        "display(1, metadata={'text/plain': {'k': 1}})",
        "handle = display('one', display_id=True)\nnamed = display('n', display_id='name')\n3",
        "handle.update('two')\nnamed.update(HTML('<i>2</i>'))",
        "display('again', display_id='name')\nhandle.display('more')",
        "for i in range(3):\n    clear_output(wait=True)\n    print(i)\n    display(i)",
        "print('gone')\nclear_output()\nprint('here')",
        "Image(data=b'\\x89PNG\\r\\n', format='png')",
        "mutable = [1]\ndisplay({'application/json': mutable}, raw=True)\nmutable.append(2)",
    ],
    "magics": [
        "%%time\npass",
        "%precision 2\n3.14159",
        "%who_ls",
        "x = 1\n%xdel x\n%who_ls",
        "%%capture kept\nprint('kept')\n1",
        "kept.stdout, len(kept.outputs)",
        "%%html\n<b>hi</b>",
        "%%writefile -a /dev/null\ntext",
        "%alias_magic t time",
        "?len",
        "%no_such_magic",
    ],
    "history": ["x = 1", "%history", "%history -n 1", "In[1], len(Out)", "%rerun 1", "%recall 1"],
    "a failure": [
        "def inner(x):\n    return 1 / x\n\ndef outer():\n    return inner(0)",
        "try:\n    outer()\n"
        "except ZeroDivisionError as error:\n    raise ValueError('<wrong>') from error",
        "print('never')",
    ],
    "a syntax error": ["print('first')", "def (:", "print('never')"],
    "failures that are allowed": [
        "#raises-exception\nraise KeyError('x')",
        "print('goes on')",
        "import warnings\nwarnings.warn('look', stacklevel=1)",
        "import logging\nlogging.warning('logged')",
    ],
    "an exit": ["print('a')", "import sys\nsys.exit(0)", "print('never')"],
    "a failing exit": ["import sys\nsys.exit('3 things')"],
    "asking for input": ["print('a')", "input('name? ')", "print('never')"],
    "asking for a password": ["import getpass\ngetpass.getpass()"],
    "awaiting": [
        "import asyncio\nawait asyncio.sleep(0.01)\nprint('slept')",
        "asyncio.get_running_loop().is_running()",
        "async def soon():\n    await asyncio.sleep(0)\n    return 5\n\nawait soon()",
        "done = []\ntask = asyncio.create_task(asyncio.sleep(0))\nawait task\ntask.done()",
        "await asyncio.gather(*[soon() for _ in range(3)])",
    ],
    "threads": [
        "import threading\nthread = threading.Thread(target=print, args=('from a thread',))\n"
        "thread.start()\nthread.join()\nprint('after')",
    ],
    "processes": [
        "import multiprocessing, os\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map(abs, [-1, -2]))",
        "import time\npid = os.fork()\nif pid == 0:\n    os._exit(3)\n"
        "os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
    ],
    "widgets": [
        "import ipywidgets as w\nslider = w.IntSlider(3, description='<n>')\nslider",
        "out = w.Output()\nwith out:\n    print('inside')\n    display(HTML('<b>1</b>'))\n"
        "w.VBox([slider, out])",
        "out.outputs",
        "out.clear_output()\nout.append_stdout('new')\nslider.value = 7\nlen(out.outputs)",
        "seen = []\nslider.observe(lambda change: seen.append(change.new), 'value')\n"
        "slider.value = 8\nseen",
        "@w.interact(x=(0, 4))\ndef shown(x=2):\n    print(x * x)",
    ],
    "the namespace": [
        "__name__, __doc__, [n for n in dir() if n.startswith('__')]",
        "import sys\nsys.modules['__main__'].__dict__ is globals()",
        "import pickle\nclass Mine:\n    pass\ntype(pickle.loads(pickle.dumps(Mine()))) is Mine",
        "type(get_ipython()).__name__, type(sys.stdout).__module__.split('.')[0] != 'io'",
        "sys.stdout.isatty(), sys.stdout.encoding, sys.stdin is None",
        "import os\nos.getcwd() == sys.path[0] or sys.path[0]",
        "import signal, threading\n"
        "threading.current_thread() is threading.main_thread(), threading.active_count() > 0",
    ],
    "unicode": ["print('中文 🙂 \\u2028')", "'\\ud800'.encode('utf-8', 'surrogatepass')", "'é'"],
    "blank cells": ["", "   \n", "# only a comment", "#skip\n1 / 0", "1"],
    "kept random": ["import random\nrandom.seed(3)\nrandom.random()"],
}
# A first line of this kind is a cell's tag.
_TAGS = {"#raises-exception": "raises-exception", "#skip": "skip-execution"}


def case(name: str) -> nbformat.NotebookNode:
    """A notebook of a case's cells, the same ids every time."""
    cells = [new_markdown_cell("# " + name, id="head")]
    for number, source in enumerate(CASES[name]):
        first, _, rest = source.partition("\n")
        tags = [_TAGS[first]] if first in _TAGS else []
        cells.append(
            new_code_cell(rest if tags else source, id=f"c{number}", metadata={"tags": tags})
        )
    python3 = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return new_notebook(cells=cells, metadata={"kernelspec": python3})
