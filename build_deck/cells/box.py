"""Carry out jobs on another machine, one that has a GPU and nothing of the deck but this package.

Runs inside a file that `run --export-cells` has made. What comes out goes to standard output as JSON, what is being
done to standard error. Nothing is judged here, and nothing is asked of the network.
"""

import ctypes
import json
import sys
from dataclasses import asdict, replace
from typing import Any, Dict, List, TextIO

from .protocol import Interpreter, Job, Outcome, job_from
from .records import FORMAT, digest
from .runner import Engine, EngineError, outcomes

ENDLESS = 1 << 46
"""Bytes: a driver maps more addresses than any bound for cells allows."""


def perform(orders: List[Dict[str, Any]], out: TextIO, say: TextIO) -> int:
    """Run the orders one after another, and write what came of them to `out`; 0 unless the engine does not work."""
    interpreter = Interpreter(sys.executable, modules=("numpy", "torch", "triton"), spawn=True, gpu=has_gpu())
    done = []
    with Engine(interpreter) as engine:
        try:
            used = asdict(engine.toolchain)
            say.write("cells: %d processes, with %s\n" % (len(orders), used["device"]))
            for order in orders:
                done.append({**_perform(order, engine, say), "toolchain": used})
        except EngineError as fault:
            say.write("cells: %s\n" % fault)
            return 4
    body = {"format": FORMAT, "records": done}
    json.dump({**body, "digest": digest(body)}, out, ensure_ascii=True, indent=1)
    out.write("\n")
    return 0


def has_gpu() -> bool:
    """Whether CUDA's driver knows a device."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int()
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def _perform(order: Dict[str, Any], engine: Engine, say: TextIO) -> Dict[str, Any]:
    say.write("cells: %s/%s … " % (order["card"], order["process"]))
    say.flush()
    ended = _run(order["cells"], engine)
    well = all(outcome.status == "ok" for outcome in ended)
    mutants = [[name, _plain(_run(job, engine))] for name, job in order["mutants"]] if well else []
    say.write("%s, %d mutants\n" % ("well" if well else "failed", len(mutants)))
    for outcome in ended:
        say.write(outcome.error)
    return {
        "card": order["card"], "process": order["process"], "keys": order["keys"], "cells": _plain(ended),
        "mutants": mutants,
    }  # fmt: skip


def _run(data: Dict[str, Any], engine: Engine) -> "tuple[Outcome, ...]":
    job: Job = job_from(data)
    return outcomes(engine.run(replace(job, limits=replace(job.limits, memory=ENDLESS))))


def _plain(ended: "tuple[Outcome, ...]") -> List[Dict[str, Any]]:
    return [asdict(outcome) for outcome in ended]
