"""Cards of other environments: what their servers load, declared inputs, a server with mutants behind it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_deck import Deck, card, cell, mutant

from build_deck import run
from build_deck.cells.protocol import Job, Snippet
from build_deck.cells.runner import outcomes
from build_deck.model.outcome import Level
from build_deck.run.ground import ON_DEMAND, PRELOADED
from build_deck.run.schedule import EnginePool

pytestmark = pytest.mark.cells

TINY = "source/fixtures/tiny_llm.py"
MAKE = """import hashlib, pathlib
from tiny_llm import TEXT, make
folder = make()
print(hashlib.sha256(pathlib.Path(folder, "model.safetensors").read_bytes()).hexdigest())
"""
ASK = """from openai import OpenAI
client = OpenAI(base_url="http://127.0.0.1:8022/v1", api_key="none")
said = client.chat.completions.create(
    model="tiny-llm", messages=[{"role": "user", "content": "你好"}], max_tokens=8)
assert said.usage.completion_tokens == 8, said
"""
GENERATE = """from transformers import AutoModelForCausalLM, AutoTokenizer
model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
chat = [{"role": "user", "content": TEXT[0]}]
asked = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
assert tokenizer.decode(asked["input_ids"][0]) == f"<|im_start|>user\\n{TEXT[0]}<|im_end|>\\n<|im_start|>assistant\\n"
assert model.generate(**asked, max_new_tokens=4, min_new_tokens=4).shape[1] == asked["input_ids"].shape[1] + 4
"""
SHARDED = """import os, torch, deepspeed
deepspeed.ops.__compatible_ops__.clear()
os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29555", RANK="0", LOCAL_RANK="0",
                  WORLD_SIZE="1")
model = torch.nn.Linear(64, 64)
engine, *_ = deepspeed.initialize(model=model, model_parameters=model.parameters(), config={
    "train_micro_batch_size_per_gpu": 4,
    "optimizer": {"type": "AdamW", "params": {"lr": 1e-3, "torch_adam": True}},
    "zero_optimization": {"stage": 2, "reduce_bucket_size": 10000},
})
before = model.weight.detach().clone()
engine.backward(engine(torch.ones(4, 64)).sum())
engine.step()
assert not torch.equal(before, model.weight) and engine.zero_optimization_stage() == 2
"""


@pytest.fixture
def whole(project: Path, deck: Deck) -> Deck:
    """A deck with every environment of the project, its files as inputs, and a folder of its own for records."""
    shutil.copytree(project / "source" / "fixtures", deck.ground.root / "source" / "fixtures")
    return Deck(replace(deck.ground, requirements=run.Ground.at(project).requirements), deck.pool)


# what is installed only by name may not be here; its records name what it loaded (test_shipped_records)
@pytest.mark.parametrize("env", sorted(PRELOADED.keys() - ON_DEMAND))
def test_what_is_preloaded_exists_and_can_be_forked(env: str, whole: Deck, engines: EnginePool) -> None:
    loaded = f"import sys\nprint(sorted(set({PRELOADED[env]!r}) - set(sys.modules)))"
    with engines.lend(whole.ground.interpreter(env)) as engine:
        ended = outcomes(engine.run(Job("a-card", (Snippet("loaded", loaded, "a.md", 1),))))
        told = engine.toolchain
    roots = {name.partition(".")[0] for name in PRELOADED[env]}
    assert roots <= told.packages.keys(), "what is loaded is not in the records"
    assert told.cpu
    assert (ended[0].status, ended[0].stdout) == ("ok", "[]\n"), ended[0].error


def test_a_tiny_model_is_the_same_every_time_and_can_be_asked(whole: Deck) -> None:
    made = cell("make", MAKE, env="hf", inputs=(TINY,), compare="text")
    tiny = card("tiny", made, cell("generate", GENERATE, env="hf"))
    assert whole.run(tiny).problems == ()
    assert whole.verify(tiny).problems == ()


def test_deepspeed_takes_a_step_without_a_gpu(whole: Deck) -> None:
    assert whole.run(card("sharded", cell("zero", SHARDED, env="hf", timeout=60.0))).problems == ()


def test_a_server_is_asked_by_its_card_and_by_its_mutants(whole: Deck) -> None:
    serve = cell(
        "serve", "transformers serve tiny-llm --host 127.0.0.1 --port 8022 --device cpu", env="hf", language="bash",
        ready="http://127.0.0.1:8022/health", timeout=120.0,
    )  # fmt: skip
    made = cell("make", MAKE, env="hf", inputs=(TINY,))
    served = card(
        "served", made, serve, cell("ask", ASK, env="hf", timeout=60.0),
        mutants=(mutant("ask", "max_tokens=8", "max_tokens=7"),),
    )  # fmt: skip
    result = whole.run(served)
    assert (result.codes, result.mutants) == ([], (1, 1)), result.problems
    evidence = run.card_evidence(served, whole.ground)
    assert evidence is not None
    assert evidence.cells["serve"].level is Level.EXECUTED_CPU
    assert evidence.cells["serve"].stdout == ""


def test_libraries_of_the_reference_environment_agree_with_plain_arithmetic(whole: Deck) -> None:
    source = """import bm25s, faiss, numpy, rjieba, sacrebleu, sklearn.linear_model
texts = ["注意力机制的缩放", "大模型推理的缓存", "训练数据的清洗"]
index = bm25s.BM25()
index.index([rjieba.cut(text) for text in texts])
assert index.retrieve([rjieba.cut("推理缓存")], k=1)[0].tolist() == [[1]]
points = numpy.random.default_rng(0).standard_normal((100, 8)).astype("float32")
flat = faiss.IndexFlatL2(8)
flat.add(points)
distances = ((points[:5, None] - points[None]) ** 2).sum(-1)
assert (flat.search(points[:5], 3)[1] == distances.argsort(1)[:, :3]).all()
assert sacrebleu.corpus_bleu(["注意力很重要"], [["注意力很重要"]], tokenize="zh").score > 99.9
line = sklearn.linear_model.LinearRegression().fit(points, points @ numpy.arange(8))
assert numpy.allclose(line.coef_, numpy.arange(8), atol=1e-4)
"""
    assert whole.run(card("libraries", cell("libraries", source, env="ref"))).codes == []


def test_an_input_must_lie_in_the_tree_and_its_bytes_count(deck: Deck) -> None:
    (deck.ground.root / "source").mkdir()
    listed = deck.ground.root / "source" / "list.txt"
    listed.write_text("1\n2\n")
    (deck.ground.root.parent / "outside.txt").write_text("3")
    reading = card("reading", cell("read", "print(open('source/list.txt').read())", inputs=("source/list.txt",)))
    assert deck.run(reading).cells == 1
    assert deck.run(reading).cells == 0
    listed.write_text("1\n2\n3\n")
    assert deck.run(reading).cells == 1
    assert deck.file("reading/read.txt").read_text() == "1\n2\n3\n"
    for name in ("source/missing.txt", "../outside.txt", "/etc/hostname"):
        assert deck.run(card("reading", cell("read", "1", inputs=(name,)))).codes == ["R011"], name


def test_an_environment_on_demand_is_never_installed_by_itself(whole: Deck, tmp_path: Path) -> None:
    away = Deck(replace(whole.ground, envs=tmp_path / "none"), whole.pool)
    result = away.run(card("served", cell("ask", "print(1)", env="vllm")), everything=True)
    assert (result.codes, result.cells) == (["R009"], 0)
    assert "bootstrap cells vllm" in result.problems[0].hint
