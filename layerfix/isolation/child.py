"""One child process that does task after task, and is replaced when a task kills it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from layerfix.isolation.clock import Clock
from layerfix.isolation.limits import READING, Limits
from layerfix.isolation.wire import receive, send

TASKS_EACH = 2000
"""Tasks after which a child is replaced, so that leaks in libraries never add up."""
_KEPT = (
    *("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV"),
    *("CUDA_VISIBLE_DEVICES", "LAYERFIX_NO_NUMBA", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"),
)

_FIXED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "HDF5_PLUGIN_PRELOAD": "::",
    "HDF5_USE_FILE_LOCKING": "FALSE",
}


class ChildError(Exception):
    """A task ended its child; the text says how, as the end of a sentence about the file."""


class Child:
    """A worker process. Use as a context manager; one thread at a time.

    Args:
        limits: what each task may use.
        environment: further variables for the child.
    """

    def __init__(self, limits: Limits = READING, environment: Mapping[str, str] | None = None) -> None:
        self.limits = limits
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def ask(self, task: Mapping[str, Any], *, patience: int = 0) -> Any:
        """The answer to one task (JSON in, JSON out).

        Args:
            task: "do" and its arguments.
            patience: seconds that a large file may take beyond the limits.

        Raises:
            ChildError: where the task crashed the child or broke its limits. The next task gets a new child.
        """
        process, seconds = self._alive(), self.limits.seconds + patience
        with Clock(process, seconds) as clock:
            try:
                send(cast(BinaryIO, process.stdin), {**task, "patience": patience})
                answer = receive(cast(BinaryIO, process.stdout))
            except (OSError, EOFError, ValueError) as error:
                raise ChildError(self._ending(process, seconds if clock.late else None)) from error
        self._done += 1
        return answer

    def close(self) -> None:
        """Ends the process."""
        process, self._process, self._done = self._process, None, 0
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was not yet sent to a dead child
                    stream.close()
        process.wait()

    def _alive(self) -> subprocess.Popen[bytes]:
        if self._done >= TASKS_EACH:
            self.close()
        if self._process is None:
            self._process = self._start()
        return self._process

    def start(self) -> None:
        """Starts the process ahead of its first task, so that its imports run while this process does something else."""
        self._alive()

    def _start(self) -> subprocess.Popen[bytes]:
        # Without `site` and with the path given, an interpreter starts in half the time.
        code = "import sys, json; sys.path[:] = json.loads(sys.argv[2]); from layerfix.isolation.worker import main; main()"
        places = [str(Path(__file__).parents[2]), *(entry for entry in sys.path if entry)]
        program = [sys.executable, "-S", "-E", "-c", code, json.dumps(asdict(self.limits)), json.dumps(places)]
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment = {**kept, **_FIXED, **self._environment}
        return subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)

    def _ending(self, process: subprocess.Popen[bytes], late: float | None) -> str:
        self.close()
        if late is not None:
            return f"took longer than {late:g} s"
        code = process.returncode
        if code == -24:  # SIGXCPU
            return "took more CPU than it may"
        return f"crashed the reading process (signal {-code})" if code < 0 else f"ended the reading process (exit code {code})"
