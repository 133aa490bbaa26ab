"""Our side of a run: start the server, hand it jobs, follow events, enforce limits. Judges nothing, writes no file.

A cell is `ok` only if its end marker came over the private channel with this run's nonce.
What it printed proves nothing.
"""

import contextlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Dict, Iterator, List, Optional, Tuple, Type

from . import sandbox, selftest
from .forked import ForkedSession
from .protocol import Event, Interpreter, Job, Outcome, Toolchain, to_json
from .session import Session, UnfitError
from .spawned import Spare, SpawnedSession
from .variables import environment

PACKAGE = Path(__file__).parent
START_LIMIT = 300.0
"""Seconds for the server to import everything; a cold disk took 176."""

BOOT = """
import sys
if sys.path[0] == "": del sys.path[0]
from importlib.util import module_from_spec, spec_from_file_location as locate
spec = locate("proofdeck_cells", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
sys.modules["proofdeck_cells"] = module_from_spec(spec)
spec.loader.exec_module(sys.modules["proofdeck_cells"])
from proofdeck_cells.server import main
main(int(sys.argv[2]), sys.argv[3])
"""


class EngineError(RuntimeError):
    """The engine itself does not work: no interpreter, a server that died, a broken sandbox. Never a cell's fault."""


class SandboxError(EngineError):
    """There is no sandbox here, or it does not hold: nothing was run."""


class Engine:
    """A preloaded interpreter that runs one job at a time. Close it, or use it in a `with` statement."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._server: Optional[subprocess.Popen[bytes]] = None
        self._control: Optional[socket.socket] = None
        self._scratch: Optional[str] = None
        self._toolchain: Optional[Toolchain] = None
        self._spawns = interpreter.spawn or sys.platform != "linux"
        self._spare: Optional[Spare] = None
        self._starting: Optional[Spare] = None
        self._session: Optional[Session] = None
        self._closing = threading.Event()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    @property
    def toolchain(self) -> Toolchain:
        """What the interpreter has; starts the server if need be. Raises EngineError."""
        if self._spawns:
            self._spare = self._living_spare() or self._new_spare()
        else:
            self._start()
        assert self._toolchain is not None
        return self._toolchain

    def run(self, job: Job) -> Iterator[Event]:
        """Run the job's snippets; one `end` event with an outcome for each, in order, whatever happens.

        Close the iterator to cancel: everything that the job started is killed. Raises EngineError.
        """
        self._session = session = self._new_session(job)
        try:
            yield from session.events()
        except UnfitError as fault:
            raise (SandboxError if self._interpreter.sandboxed else EngineError)(str(fault)) from None
        finally:
            self._session = None
            if not session.finish():
                self.close()

    def warm(self) -> None:
        """Where nothing is forked, start loading for the next job now; elsewhere the server stays warm by itself."""
        if self._spawns and self._living_spare() is None:
            self._spare = self._new_spare()

    def cancel(self) -> None:
        """End the running job, if there is one, while another thread follows its events; the engine stays warm."""
        session = self._session
        if session is not None:
            session.cancel()

    def abort(self) -> None:
        """End the running job, or a start that another thread waits for, which then raises EngineError."""
        self.cancel()
        if self._session is None and self._server is not None:
            self._server.kill()
        if self._starting is not None:
            self._starting.stop()

    def close(self) -> None:
        """End the server and whatever still runs under it."""
        if self._spare is not None:
            self._spare.close()
            self._spare = None
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            try:
                self._server.wait(5)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            if self._server.stderr is not None:
                self._server.stderr.close()
        self._closing.set()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        self._server = self._control = self._scratch = None

    def _new_session(self, job: Job) -> Session:
        if self._spawns:
            spare, self._spare = self._living_spare() or self._new_spare(), None
            return SpawnedSession(spare, job)
        self._start()
        assert self._control is not None
        return ForkedSession(self._control, job, secrets.token_hex(16))

    def _living_spare(self) -> Optional[Spare]:
        """The spare that waits, unless it has ended meanwhile: a job in it would be said to have ended so."""
        if self._spare is not None and self._spare.ended:
            self._spare.close()
            self._spare = None
        return self._spare

    def _new_spare(self) -> Spare:
        if self._interpreter.sandboxed:
            raise SandboxError(sandbox.missing() or "a spawned process is not sandboxed")
        command = _command(replace(self._interpreter, spawn=True), -1)
        try:
            spare = Spare(command, environment(self._interpreter))
        except OSError as error:
            raise EngineError("cannot start %s: %s" % (self._interpreter.python, error)) from error
        self._starting = spare
        self._toolchain = spare.hello(START_LIMIT)
        self._starting = None
        if self._toolchain is None:
            said = spare.complaint()
            spare.close()
            raise EngineError("%s does not start:\n%s" % (self._interpreter.python, said))
        return spare

    def _start(self) -> None:
        if self._server is not None and self._server.poll() is None:
            return
        self.close()
        lacking = sandbox.missing() if self._interpreter.sandboxed else ""
        if lacking:
            raise SandboxError(lacking)
        ours, theirs = socket.socketpair()
        self._scratch = scratch = tempfile.mkdtemp(prefix="proofdeck-")
        command = _command(self._interpreter, theirs.fileno())
        variables = dict(environment(self._interpreter), HOME=scratch, TMPDIR=scratch, MPLCONFIGDIR=scratch)
        try:
            self._server = self._launch(command, variables, theirs.fileno())
        except OSError as error:
            raise EngineError("cannot start %s: %s" % (self._interpreter.python, error)) from error
        finally:
            theirs.close()
        self._control = ours
        self._toolchain = self._hello(ours)
        if self._interpreter.sandboxed:
            self._test_sandbox(ours)

    def _launch(self, command: List[str], variables: Dict[str, str], control: int) -> "subprocess.Popen[bytes]":
        """Start the server from a thread that stays until `close`: the sandbox dies with the thread that started it,
        which may be a worker's and end long before the engine does. Raises OSError.
        """
        self._closing = closing = threading.Event()
        future: "Future[subprocess.Popen[bytes]]" = Future()

        def keep() -> None:
            try:
                server = subprocess.Popen(
                    command, env=variables, cwd=variables["HOME"], pass_fds=(control,),
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                )  # fmt: skip
            except OSError as error:
                future.set_exception(error)
                return
            future.set_result(server)
            closing.wait()

        threading.Thread(target=keep, name="cells-server", daemon=True).start()
        return future.result()

    def _test_sandbox(self, control: socket.socket) -> None:
        with tempfile.NamedTemporaryFile(prefix="proofdeck-canary-") as canary:
            test = selftest.job(canary.name)
            session = ForkedSession(control, test, secrets.token_hex(16))
            ended = outcomes(session.events())
            session.finish()
        if [outcome.status for outcome in ended] != ["ok"]:
            self.close()
            raise SandboxError("the sandbox does not hold, so nothing was run:\n" + selftest.complaint(ended))

    def _hello(self, control: socket.socket) -> Toolchain:
        control.settimeout(START_LIMIT)
        greeting = b""
        with contextlib.suppress(socket.timeout):
            while not greeting.endswith(b"\n"):
                part = control.recv(4096)
                if not part:
                    break
                greeting += part
        control.settimeout(None)
        if greeting.endswith(b"\n"):
            return Toolchain(**json.loads(greeting))
        assert self._server is not None and self._server.stderr is not None
        self._server.kill()
        said = self._server.stderr.read().decode("utf-8", "replace")[-2000:]
        raise EngineError("the server of %s did not start:\n%s" % (self._interpreter.python, said))


def _command(interpreter: Interpreter, control: int) -> List[str]:
    # not -I, which ignores PYTHONHASHSEED: the environment is ours and BOOT drops the working folder, so it is the same
    command = [
        interpreter.python,
        "-s",
        "-B",
        "-X",
        "utf8",
        "-c",
        BOOT,
        str(PACKAGE),
        str(control),
        to_json(interpreter),
    ]
    return sandbox.wrap(command, interpreter) if interpreter.sandboxed else command


def outcomes(events: Iterator[Event]) -> Tuple[Outcome, ...]:
    """Only how each cell ended."""
    return tuple(event.outcome for event in events if event.outcome is not None)
