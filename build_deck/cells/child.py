"""Execute one job's snippets in order in one namespace, inside the interpreter that was chosen for them.

Runs in a process of its own, which `server` has made; reports through a private channel. It never decides whether an
output is right (`judge` does) and enforces no wall limit (`runner` does).
"""

import base64
import builtins
import errno
import functools
import inspect
import json
import linecache
import os
import random
import subprocess
import sys
import time
import traceback
import types
import warnings
from dataclasses import asdict, dataclass, replace
from typing import Any, Callable, Dict, List, Optional, Tuple

from .figures import Figures
from .kernels.ahead import Compiled, compiled
from .kernels.fence import Workshop
from .kernels.interpreter import TRITON, watch
from .preload import SEED
from .protocol import COMPILED, Job, Outcome, Snippet, Test
from .shell import run, serve

Send = Callable[[Dict[str, Any]], None]

KERNELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kernels")
MEMORY_MESSAGES = ("can't allocate memory", "not enough memory", "Cannot allocate memory")
PROCESS_MESSAGES = ("can't start new thread", "Resource temporarily unavailable")


class NoTestError(RuntimeError):
    """A test that cannot fail."""


@dataclass(frozen=True)
class Shared:
    """What the cells of one job have in common."""

    module: types.ModuleType
    workshop: Workshop
    sources: Dict[str, List[str]]
    """Lines by path, for tracebacks."""
    servers: List["subprocess.Popen[bytes]"]


def execute(job: Job, send: Send, wait: Callable[[], object]) -> None:
    """Run the snippets until one does not end well; `wait` returns when the other side has read all output."""
    owner = os.getpid()
    shared = Shared(_main_module(job), Workshop(), {}, [])
    if any(snippet.language == "cuda" for snippet in job.snippets):
        vars(shared.module)["cuda"] = shared.workshop
    if any("triton" in snippet.source for snippet in job.snippets):
        watch(shared.workshop.note)
        vars(shared.module)["compiled"] = _noting(shared.workshop)
    _place(job.files)
    random.seed(SEED)  # every fork gives it another; numpy and torch keep what `preload` gave them
    for snippet in job.snippets:
        send({"kind": "start", "cell": snippet.id})
        outcome = _run(snippet, job, shared)
        if os.getpid() != owner:  # a copy that the cell forked came back: it must not speak for the job
            os._exit(0)
        sys.stdout.flush()
        sys.stderr.flush()
        for drawing in outcome.drawings:
            send({"kind": "figure", "cell": snippet.id, "drawing": asdict(drawing)})
        handed_on = vars(shared.module).pop("__reported__", None)
        outcome = replace(outcome, drawings=(), result=handed_on, launches=shared.workshop.end_cell())
        send({"kind": "end", "cell": snippet.id, "outcome": asdict(outcome)})
        wait()
        if outcome.status != "ok":
            return


def _main_module(job: Job) -> types.ModuleType:
    # a real `__main__`, so that pickling, dataclasses and typing find what the cells define
    module = types.ModuleType("__main__")

    def result(cell: str) -> Any:
        """What the cell `cell` of this card measured in a process of its own."""
        return job.results[cell]

    def report(value: Any) -> None:
        """Hand a JSON value on to later cells of this card."""
        json.dumps(value)
        vars(module)["__reported__"] = value

    vars(module).update(result=result, report=report, __builtins__=builtins)
    sys.modules["__main__"] = module
    return module


def _place(files: Dict[str, str]) -> None:
    """Write the declared inputs below the working folder; cells import the modules among them by their names."""
    for name, content in files.items():
        folder = os.path.abspath(os.path.dirname(name))
        os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as stream:
            stream.write(base64.b64decode(content))
        if name.endswith(".py") and folder not in sys.path:
            sys.path.append(folder)


def _noting(workshop: Workshop) -> Callable[..., Compiled]:
    @functools.wraps(compiled)
    def noted(*arguments: Any, **constants: Any) -> Compiled:
        workshop.note(TRITON, COMPILED)
        return compiled(*arguments, **constants)

    return noted


def _run(snippet: Snippet, job: Job, shared: Shared) -> Outcome:
    _show_in_tracebacks(snippet, shared.sources)
    began = time.perf_counter()
    figures = Figures("%s/%s" % (job.id, snippet.id), snippet.id, job.limits)
    tests: Tuple[Test, ...] = ()
    ended: Optional[BaseException] = None
    outcome = Outcome(cell=snippet.id, status="ok")
    try:
        tests, ended = _exec(snippet, shared)
        drawings = figures.save() if snippet.draws and ended is None else ()
        outcome = replace(outcome, drawings=drawings)
    except BaseException as error:  # whatever a cell throws is its outcome, exits and interrupts too
        ended = error
    finally:
        figures.close()
    outcome = replace(outcome, tests=tests, seconds=round(time.perf_counter() - began, 3), peak_mib=_peak_mib())
    return _judged(outcome, ended, snippet)


def _exec(snippet: Snippet, shared: Shared) -> Tuple[Tuple[Test, ...], Optional[BaseException]]:
    if snippet.language == "cuda":
        shared.workshop.build(snippet.id, snippet.source, snippet.path, snippet.line)
        return (), None
    if snippet.language == "bash":
        if snippet.ready:
            shared.servers.append(serve(snippet))
        else:
            run(snippet)
        return (), None
    module = shared.module
    # leading newlines give the code the line numbers of the answer file
    code = compile("\n" * (snippet.line - 1) + snippet.source, snippet.path, "exec")
    before = dict(vars(module))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph \d+ .*missing from")
        exec(code, vars(module))
        if not snippet.tests:
            return (), None
        made = [name for name, value in vars(module).items() if name.startswith("test_") and before.get(name) != value]
        if not made:
            raise NoTestError("the cell is there to test, and defines no function whose name begins with test_")
        return _call_tests(made, module)


def _call_tests(names: List[str], module: types.ModuleType) -> Tuple[Tuple[Test, ...], Optional[BaseException]]:
    verdicts: List[Test] = []
    first: Optional[BaseException] = None
    for name in names:
        try:
            if inspect.isgenerator(left := vars(module)[name]()) or inspect.isawaitable(left):
                raise NoTestError("%s only makes a generator or a coroutine: nothing in it has run" % name)
            verdicts.append(Test(name))
        except Exception as error:
            verdicts.append(Test(name, _class_name(error)))
            first = first or error
    return tuple(verdicts), first


def _judged(outcome: Outcome, ended: Optional[BaseException], snippet: Snippet) -> Outcome:
    if snippet.raises and ended is None:
        text = "the cell promises %s but ended without an exception" % snippet.raises
        return replace(outcome, status="failed", exception="AssertionError", error=text)
    if ended is None:
        return outcome
    name, error = _class_name(ended), _traceback(ended, snippet)
    if snippet.raises and snippet.raises in [cls.__name__ for cls in type(ended).__mro__]:
        return replace(outcome, exception=name, error="".join(traceback.format_exception_only(type(ended), ended)))
    return replace(outcome, status=_status(ended), exception=name, error=error)


def _status(error: BaseException) -> str:
    text = str(error)
    if isinstance(error, MemoryError) or any(message in text for message in MEMORY_MESSAGES):
        return "memory"
    if any(message in text for message in PROCESS_MESSAGES):
        return "processes"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG):
        return "output"
    return "failed"


def _class_name(error: BaseException) -> str:
    return "AssertionError" if isinstance(error, AssertionError) else type(error).__name__


def _traceback(error: BaseException, snippet: Snippet) -> str:
    """The traceback from the answer file's first frame on, with the library's paths cut at `site-packages`, and without
    what `cuda` itself is made of.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(KERNELS)]
    first = next((at for at, frame in enumerate(frames) if frame.filename == snippet.path), len(frames))
    lines = traceback.format_list(frames[first:]) + traceback.format_exception_only(type(error), error)
    head = ["Traceback (most recent call last):\n"] if first < len(frames) else []
    return "".join(_shorten(line) for line in head + lines)


def _shorten(line: str) -> str:
    if not line.startswith('  File "'):
        return line
    for folder in ("site-packages", "lib/python%d.%d" % sys.version_info[:2]):
        before, found, after = line.partition("/%s/" % folder)
        if found and before.startswith('  File "'):
            return '  File "' + after
    return line


def _show_in_tracebacks(snippet: Snippet, sources: Dict[str, List[str]]) -> None:
    lines = sources.setdefault(snippet.path, [])
    # every line ends, or the carets under an error are off by one
    body = [line + "\n" for line in snippet.source.split("\n")]
    last = snippet.line - 1 + len(body)
    lines.extend(["\n"] * (last - len(lines)))
    lines[snippet.line - 1 : last] = body
    # without a modification time linecache never looks for the file
    linecache.cache[snippet.path] = (sum(map(len, lines)), None, lines, snippet.path)


def _peak_mib() -> float:
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # Windows
        return 0.0
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    used = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(max(used) / unit, 1)
