"""Several processes in one cell: torch.distributed over gloo, inside the sandbox, on a loopback of its own."""

from __future__ import annotations

import pytest
from cell_jobs import Cells

pytestmark = pytest.mark.cells

RANKS = '''
import multiprocessing, os, torch, torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh

def started(rank, size, work, answers):
    dist.init_process_group("gloo", init_method="file://" + os.path.abspath(work.__name__), rank=rank, world_size=size)
    answers.put((rank, work(rank, size)))
    dist.barrier()
    dist.destroy_process_group()

def ranks(work, size):
    """What `work(rank, size)` returns on each of `size` processes."""
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    processes = [context.Process(target=started, args=(rank, size, work, answers)) for rank in range(size)]
    for each in processes:
        each.start()
    found = sorted(answers.get(timeout=60) for _ in processes)
    for each in processes:
        each.join()
    return [answer for _, answer in found]

def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 64))
'''

RING = """
def ring(rank, size):
    x = torch.full((1024,), rank + 1.0)
    chunks, sent = list(x.chunk(size)), 0
    for phase in (0, 1):
        for step in range(size - 1):
            give, take = (rank - step + phase) % size, (rank - step - 1 + phase) % size
            box = torch.empty_like(chunks[take])
            sending = dist.isend(chunks[give], (rank + 1) % size)
            dist.recv(box, (rank - 1) % size)
            sending.wait()
            sent += chunks[give].nbytes
            chunks[take].add_(box) if phase == 0 else chunks[take].copy_(box)
    return sent, x.unique().tolist()
for sent, values in ranks(ring, 4):
    assert (sent, values) == (2 * 3 * 1024 * 4 // 4, [10.0])
"""

FSDP = """
from torch.distributed.fsdp import fully_shard
def shard(rank, size):
    whole = model()
    count = sum(each.numel() for each in whole.parameters())
    fully_shard(whole, mesh=init_device_mesh("cpu", (size,)))
    optimizer = torch.optim.AdamW(whole.parameters())
    whole(torch.ones(4, 64)).sum().backward()
    optimizer.step()
    return count, sum(each.to_local().numel() for each in whole.parameters())
for count, local in ranks(shard, 2):
    assert count == 2 * local, (count, local)
"""

TENSOR = """
from torch.distributed.tensor.debug import CommDebugMode
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module
def split(rank, size):
    whole, x = model(), torch.randn(4, 64)
    expected = whole(x)
    parallelize_module(whole, init_device_mesh("cpu", (size,)), {"0": ColwiseParallel(), "2": RowwiseParallel()})
    with CommDebugMode() as seen:
        result = whole(x)
    return (result - expected).abs().max().item(), seen.get_total_counts()
for error, messages in ranks(split, 2):
    assert error < 1e-5 and messages == 1
"""

PIPELINE = """
from torch.distributed.pipelining import PipelineStage, ScheduleGPipe
def pipe(rank, size):
    torch.manual_seed(0)
    layers, x = [torch.nn.Linear(16, 16) for _ in range(size)], torch.randn(8, 16)
    schedule = ScheduleGPipe(PipelineStage(layers[rank], rank, size, torch.device("cpu")), 4)
    result = schedule.step(x) if rank == 0 else schedule.step()
    return None if result is None else (result - layers[1](layers[0](x))).abs().max().item()
first, last = ranks(pipe, 2)
assert first is None and last < 1e-6
"""

ZERO = """
from torch.distributed.optim import ZeroRedundancyOptimizer
from torch.nn.parallel import DistributedDataParallel
def zero(rank, size):
    whole = DistributedDataParallel(model())
    optimizer = ZeroRedundancyOptimizer(whole.parameters(), torch.optim.AdamW)
    whole(torch.ones(4, 64)).sum().backward()
    optimizer.step()
    states = optimizer.optim.state.values()
    return sum(value.numel() for state in states for value in state.values() if value.dim())
counts = ranks(zero, 2)
assert sum(counts) == 2 * sum(each.numel() for each in model().parameters()), counts
assert max(counts) < 0.6 * sum(counts)
"""


@pytest.mark.parametrize(
    "work", [RING, FSDP, TENSOR, PIPELINE, ZERO], ids=["ring", "fsdp", "tensor", "pipeline", "zero"]
)
def test_processes_of_one_cell_talk_to_each_other(boxed: Cells, work: str) -> None:
    ended = boxed.one(RANKS + work)
    assert ended.status == "ok", ended.error + ended.stderr


def test_a_rank_that_fails_fails_its_cell(boxed: Cells) -> None:
    waiting = RANKS.replace("timeout=60", "timeout=1")
    ended = boxed.one(waiting + "def broken(rank, size):\n    assert rank\n    return 1\nranks(broken, 2)")
    assert (ended.status, ended.exception) == ("failed", "Empty")
    assert "assert rank" in ended.stderr
