"""What passes between the side that wants cells run and the process that runs them. JSON lines, one record each."""

from __future__ import annotations

import dataclasses
import json
import struct
from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Tuple

PROTOCOL_VERSION = 1
"""Enters every record key; rises when the same code may yield another outcome."""


RUN, KILL, ASK = b"R", b"K", b"?"
"""What the server is told: run a job, kill it, say what CPU time it has used. It takes a hang-up for KILL."""
BOUNDS = struct.Struct("=QQ")
"""What follows RUN: bytes of memory, and processes and threads, that the job may have in all."""


COMPILED, ON_GPU, SIMULATED = "compiled", "gpu", "simulated"
"""What has become of kernels; what comes later outweighs."""


@dataclass(frozen=True)
class Snippet:
    """One cell as the runner sees it."""

    id: str
    source: str
    path: str
    """Name to show in tracebacks: the answer file, relative to the project root."""
    line: int
    """Line of `path` on which `source` begins, so that tracebacks point into the Markdown."""
    timeout: float = 20.0
    """Seconds that it, with everything it starts, may compute; it may last longer (`session`)."""
    raises: Optional[str] = None
    draws: bool = False
    """Whether open matplotlib figures are saved when the cell has ended; at least one must be open."""
    language: str = "python"
    """Or `cuda`: kernels, which the Python cells after it launch; or `bash`."""
    ready: str = ""
    """Of a bash cell that serves while the cells after it run: the address that answers as soon as it does."""
    tests: bool = False
    """Whether every `test_*` function that the snippet defines is called after it, each on its own."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one job. Sizes in bytes."""

    memory: int = 2 << 30
    """Beyond what the interpreter maps before the first cell: of one process, and of all of a job together."""
    processes: int = 64
    """And threads, of all of a job together."""
    scratch: int = 256 << 20
    """Of each temporary file system, when sandboxed."""
    file: int = 256 << 20
    output: int = 64 << 10
    figure: int = 2 << 20
    figures: int = 4


@dataclass(frozen=True)
class Job:
    """The cells that share one process and one namespace, in order."""

    id: str
    snippets: Tuple[Snippet, ...]
    limits: Limits = field(default_factory=Limits)
    results: Dict[str, Any] = field(default_factory=dict)
    """What earlier processes of the card measured, by cell id; cells read it through `result(id)`."""
    files: Dict[str, str] = field(default_factory=dict)
    """Declared inputs, base64 by path; cells find them at that path below their working folder."""


@dataclass(frozen=True)
class Drawing:
    """One figure as SVG text, drawn in the sentinel ink colour on nothing."""

    name: str
    svg: str


@dataclass(frozen=True)
class Test:
    """One `test_*` function that was called; `exception` is empty when it passed."""

    name: str
    exception: str = ""


@dataclass(frozen=True)
class Outcome:
    """What happened to one cell."""

    cell: str
    status: str
    """ok, failed, timeout, memory, output, processes, stopped, skipped (an earlier cell did not end well)."""
    stdout: str = ""
    stderr: str = ""
    error: str = ""
    """Traceback with the answer file's own line numbers; empty when the cell ended well."""
    exception: str = ""
    """Class name of the exception that ended the cell, `AssertionError` for a failed assert."""
    drawings: Tuple[Drawing, ...] = ()
    tests: Tuple[Test, ...] = ()
    result: Any = None
    """JSON value that the cell handed on with `report(value)`."""
    launches: Dict[str, str] = field(default_factory=dict)
    """Whose kernels have run in the process up to the end of this cell, by the id of their cuda cell or `triton`, and
    where: SIMULATED (if ever) or ON_GPU; COMPILED if this cell itself asked what they were compiled to."""
    seconds: float = 0.0
    peak_mib: float = 0.0


@dataclass(frozen=True)
class Event:
    """What a run says while it goes on: start, output (a batch), figure, end (with the outcome so far)."""

    kind: str
    cell: str
    stream: str = ""
    text: str = ""
    drawing: Optional[Drawing] = None
    outcome: Optional[Outcome] = None


@dataclass(frozen=True)
class Interpreter:
    """Which Python runs cells, and what its parent process loads before it takes the first job. Absolute paths."""

    python: str
    style: str = ""
    """matplotlib style file."""
    font: str = ""
    """Font file that the style names; system fonts are never used."""
    modules: Tuple[str, ...] = ("numpy", "torch", "triton", "matplotlib.pyplot")
    """Imported once; those that are missing are left out."""
    sandboxed: bool = False
    spawn: bool = False
    """A process of its own for each job even where forking is possible; never sandboxed."""
    gpu: bool = False
    """Cells are to use this machine's GPU: Triton compiles for it, the caller's environment is kept, it is named."""


@dataclass(frozen=True)
class Toolchain:
    """What the interpreter that ran the cells has; empty strings for what is missing."""

    python: str
    machine: str
    torch: str = ""
    numpy: str = ""
    matplotlib: str = ""
    device: str = "cpu"
    driver: str = ""
    nvcc: str = ""
    """Version of the compiler that cuda cells were built with for a GPU too."""
    triton: str = ""
    cuda: str = ""
    """Version that torch was built for; like the date, only where a GPU is used."""
    date: str = ""
    cpu: str = ""
    """The processor's own name."""
    packages: Dict[str, str] = field(default_factory=dict)
    """Versions of what was loaded before the first cell besides those named above."""


def to_json(record: Any) -> str:
    """One line of canonical JSON for any record of this module."""
    return json.dumps(dataclasses.asdict(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def job_from(data: Dict[str, Any]) -> Job:
    """The job that `to_json` wrote. Raises KeyError or TypeError for anything else."""
    snippets = tuple(Snippet(**snippet) for snippet in data["snippets"])
    return Job(data["id"], snippets, Limits(**data["limits"]), data["results"], data["files"])


def outcome_from(data: Dict[str, Any]) -> Outcome:
    """The outcome that `to_json` wrote. Raises KeyError or TypeError for anything else."""
    parts = dict(data)
    parts["drawings"] = tuple(Drawing(**drawing) for drawing in data["drawings"])
    parts["tests"] = tuple(Test(**test) for test in data["tests"])
    return Outcome(**parts)
