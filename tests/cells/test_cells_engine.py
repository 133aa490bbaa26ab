"""What a cell prints, draws, raises and hands on comes out as it happened, in a process of its own."""

from __future__ import annotations

import os
import time

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Interpreter, Job, Limits
from build_deck.cells.runner import Engine, EngineError

pytestmark = pytest.mark.cells


def test_cells_share_a_namespace_within_a_job_and_not_beyond(plain: Cells) -> None:
    first, second = plain("x = 20", "print(x + 1)")
    assert (first.status, second.status, second.stdout) == ("ok", "ok", "21\n")
    assert plain.one("print('x' in globals())").stdout == "False\n"


def test_output_is_attributed_to_the_cell_that_printed_it(plain: Cells) -> None:
    code = "import os, sys\nprint('{0}')\nos.system('echo {0} from a shell')\nprint('{0} aside', file=sys.stderr)"
    ended = plain(*(code.format(name) for name in ("one", "two", "three")))
    assert [each.stdout for each in ended] == [f"{name}\n{name} from a shell\n" for name in ("one", "two", "three")]
    assert [each.stderr for each in ended] == [f"{name} aside\n" for name in ("one", "two", "three")]


def test_a_traceback_shows_the_answer_files_lines(plain: Cells) -> None:
    good, bad = plain(snippet("good", "def f(x):\n    return 1 / x", 40), snippet("bad", "y = 1\n\nprint(f(0))", 70))
    assert (good.status, bad.status, bad.exception) == ("ok", "failed", "ZeroDivisionError")
    assert bad.error.splitlines() == [
        "Traceback (most recent call last):",
        '  File "source/demo/topic.md", line 72, in <module>',
        "    print(f(0))",
        "          ^^^^",
        '  File "source/demo/topic.md", line 41, in f',
        "    return 1 / x",
        "           ~~^~~",
        "ZeroDivisionError: division by zero",
    ]


def test_no_absolute_path_is_in_a_traceback(plain: Cells) -> None:
    error = plain.one("import torch\ntorch.testing.assert_close(torch.ones(2), torch.zeros(2))").error
    assert 'File "torch/testing/_comparison.py"' in error
    assert "/site-packages" not in error


def test_a_syntax_error_points_into_the_answer_file(plain: Cells) -> None:
    bad = plain.one("x = 1\ndef f(:\n", line=30)
    assert (bad.status, bad.exception) == ("failed", "SyntaxError")
    assert 'File "source/demo/topic.md", line 31' in bad.error


def test_inspect_finds_the_source_of_what_a_cell_defines(plain: Cells) -> None:
    assert plain.one("import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f))").stdout == (
        "def f():\n    return 1\n"
    )


def test_a_cell_is_main_so_that_objects_pickle(plain: Cells) -> None:
    code = "import pickle\nclass A: x = 3\nprint(pickle.loads(pickle.dumps(A())).x, __name__)"
    assert plain.one(code).stdout == "3 __main__\n"


def test_later_cells_do_not_run_after_a_failure(plain: Cells) -> None:
    assert [each.status for each in plain("1 / 0", "print(1)", "print(2)")] == ["failed", "skipped", "skipped"]


@pytest.mark.parametrize(
    ("source", "raises", "status", "exception"),
    [
        ("int('x')", "ValueError", "ok", "ValueError"),
        ("{}[1]", "LookupError", "ok", "KeyError"),
        ("int('x')", "TypeError", "failed", "ValueError"),
        ("int('1')", "ValueError", "failed", "AssertionError"),
    ],
)
def test_a_promised_exception(plain: Cells, source: str, raises: str, status: str, exception: str) -> None:
    ended = plain.one(source, raises=raises)
    assert (ended.status, ended.exception) == (status, exception)
    assert status == "failed" or "line" not in ended.error


def test_seeds_make_runs_repeat(plain: Cells) -> None:
    code = (
        "import random, numpy, torch\n"
        "print(random.random(), numpy.random.rand(), torch.rand(1).item(), {'b', 'a', 'c'}, hash('x'))"
    )
    assert plain.one(code).stdout == plain.one(code).stdout


def test_another_server_repeats_them_too(plain: Cells, boxed: Cells) -> None:
    code = (
        "import random, numpy, torch\n"
        "print(random.random(), numpy.random.rand(), torch.rand(1).item(), {'b', 'a', 'c'}, hash('x'), "
        "torch.get_num_threads())"
    )
    assert boxed.one(code).stdout == plain.one(code).stdout


def test_every_generator_begins_at_the_seed(plain: Cells) -> None:
    code = (
        "import random, numpy, torch\n"
        "began = random.random(), numpy.random.rand(), torch.rand(1).item()\n"
        "random.seed(0), numpy.random.seed(0), torch.manual_seed(0)\n"
        "assert began == (random.random(), numpy.random.rand(), torch.rand(1).item()), began"
    )
    assert plain.one(code).status == "ok"


def test_every_test_function_is_called_and_reported(plain: Cells) -> None:
    code = "def test_a():\n    pass\n\ndef helper():\n    1 / 0\n\n"
    code += "def test_b():\n    assert 1 == 2\n\ndef test_c():\n    helper()"
    ended = plain.one(code, tests=True)
    assert ended.status == "failed"
    assert [(test.name, test.exception) for test in ended.tests] == [
        ("test_a", ""),
        ("test_b", "AssertionError"),
        ("test_c", "ZeroDivisionError"),
    ]
    assert "line 17, in test_b" in ended.error


def test_a_tests_cell_calls_only_its_own_tests(plain: Cells) -> None:
    first, second = plain(
        snippet("one", "def test_a():\n    print('a')", tests=True),
        snippet("two", "def test_b():\n    print('b')", 20, tests=True),
    )
    assert (first.stdout, second.stdout) == ("a\n", "b\n")


def test_cells_hand_values_on(plain: Cells) -> None:
    assert plain.one("report({'tflops': 312.5})").result == {"tflops": 312.5}
    (ended,) = plain("print(result('gpu')['tflops'])", results={"gpu": {"tflops": 312.5}})
    assert ended.stdout == "312.5\n"


DRAW = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], label='缩放 $d_k$')\nax.legend()"


def test_figures_are_saved_with_chinese_labels_and_repeat(plain: Cells) -> None:
    one, two = plain.one(DRAW, draws=True), plain.one(DRAW, draws=True)
    assert [drawing.name for drawing in one.drawings] == ["cell"]
    assert one.drawings == two.drawings
    assert "NotoSansCJKsc-Regular" in one.drawings[0].svg
    assert "<dc:date>" not in one.drawings[0].svg


def test_several_figures_are_numbered_and_closed_afterwards(plain: Cells) -> None:
    two, after = plain(
        snippet("pair", DRAW + "\nplt.figure(); plt.plot([2, 1])", draws=True),
        "import matplotlib.pyplot as plt\nprint(plt.get_fignums())",
    )
    assert [drawing.name for drawing in two.drawings] == ["pair-1", "pair-2"]
    assert after.stdout == "[]\n"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (DRAW.replace("缩放", "龘"), "Glyph"),
        ("x = 1", "leaves no matplotlib figure open"),
        ("import matplotlib.pyplot as plt\nfor _ in range(5): plt.figure()", "at most 4"),
        (DRAW + "\nimport random\nax.scatter(*[[random.random() for _ in range(40000)]] * 2)", "rasterized"),
    ],
    ids=["missing glyph", "no figure", "too many", "too big"],
)
def test_figures_that_cannot_ship_fail_the_cell(plain: Cells, source: str, says: str) -> None:
    ended = plain.one(source, draws=True)
    assert ended.status == "failed"
    assert says in ended.error


def test_events_come_while_the_cell_runs(plain: Cells) -> None:
    code = "import time\nprint('early')\ntime.sleep(0.4)\nprint('late')"
    seen = [
        (event.kind, event.text, time.monotonic()) for event in plain.engine.run(Job("a-card", (snippet("c", code),)))
    ]
    assert [(kind, text) for kind, text, _ in seen] == [
        ("start", ""), ("output", "early\n"), ("output", "late\n"), ("end", ""),
    ]  # fmt: skip
    assert seen[2][2] - seen[1][2] > 0.3


def test_closing_the_events_kills_the_job_and_keeps_the_engine(plain: Cells) -> None:
    events = plain.engine.run(Job("a-card", (snippet("c", "import time\nprint(1)\ntime.sleep(60)"),)))
    assert next(events).kind == "start"
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 5
    assert plain.one("print(2)").stdout == "2\n"


def test_a_cell_may_use_processes_of_its_own(boxed: Cells) -> None:
    code = (
        "import multiprocessing as mp\n"
        "def work(n, q): q.put(n * n)\n"
        "c = mp.get_context('fork'); q = c.Queue()\n"
        "ps = [c.Process(target=work, args=(n, q)) for n in range(4)]\n"
        "[p.start() for p in ps]; print(sorted(q.get(timeout=20) for _ in ps)); [p.join() for p in ps]"
    )
    assert boxed.one(code).stdout == "[0, 1, 4, 9]\n"


def test_gloo_works_over_the_sandboxs_own_loopback(boxed: Cells) -> None:
    code = """
import os, torch, torch.distributed as dist, torch.multiprocessing as mp
def work(rank, queue):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29500")
    dist.init_process_group("gloo", rank=rank, world_size=2)
    x = torch.full((2,), float(rank + 1)); dist.all_reduce(x); queue.put(x.tolist()); dist.destroy_process_group()
context = mp.get_context("fork"); queue = context.SimpleQueue()
ranks = [context.Process(target=work, args=(rank, queue)) for rank in range(2)]
[rank.start() for rank in ranks]; [rank.join() for rank in ranks]
print(queue.get(), queue.get())
"""
    ended = boxed.one(code)
    assert (ended.status, ended.stdout) == ("ok", "[3.0, 3.0] [3.0, 3.0]\n")


def test_an_interpreter_that_is_not_there_is_the_engines_fault() -> None:
    with pytest.raises(EngineError, match="nowhere"):
        Engine(Interpreter("/nowhere/python")).toolchain  # noqa: B018


def test_the_caller_s_environment_does_not_reach_cells(plain: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "canary")
    names = plain.one("import os\nprint(sorted(os.environ))").stdout
    assert "SECRET_TOKEN" not in names
    assert str(os.getpid()) not in names


def test_limits_travel_with_the_job(plain: Cells) -> None:
    assert plain.one("print('x' * 500)", limits=Limits(output=100)).status == "output"
