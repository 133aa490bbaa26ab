"""Cards built by hand, one of each shape; what they say is real enough to look at."""
# ruff: noqa: E501  (sentences stay whole)

from __future__ import annotations

from render_builders import GPU, HERE, card, cell, evidence, field, inputs, outcome, picture, prose

from build_deck.cells.protocol import Drawing
from build_deck.model.card import CellPart, Diagram, FollowUp, Kind, Label, Mutant, Part, Pitfall, Role
from build_deck.model.outcome import Level, MutantVerdict
from build_deck.render import CardInputs


def chart(ink: str) -> bytes:
    """A small line chart in one ink."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="384" height="250" viewBox="0 0 384 250" fill="none">'
        f'<path d="M50 20V210H360" stroke="{ink}"/><path d="M60 120 160 70 260 40 350 30" stroke="#2f7fd1" stroke-width="2"/>'
        f'<path d="M60 170 160 168 260 169 350 170" stroke="#d9730d" stroke-width="2"/>'
        f'<text x="180" y="240" fill="{ink}" font-size="13">d_k</text></svg>'
    ).encode()


SATURATION = """
import matplotlib.pyplot as plt
import torch

torch.manual_seed(0)
dims, peak, jac = (16, 64, 256, 1024), {"不缩放": [], "缩放": []}, {"不缩放": [], "缩放": []}
for d_k in dims:
    q, k = torch.randn(2000, 1, d_k), torch.randn(2000, 32, d_k)
    scores = (q * k).sum(-1)                       # [2000 个查询, 32 个键]
    scaled = scores / d_k**0.5
    for name, s in (("不缩放", scores), ("缩放", scaled)):
        p = s.softmax(-1)
        j = torch.diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2)   # [2000, 32, 32]
        peak[name].append(p.amax(-1).mean().item())
        jac[name].append(j.norm(dim=(-2, -1)).mean().item())

print(" d_k   最大概率 不缩放→缩放   雅可比范数 不缩放→缩放")
for i, d_k in enumerate(dims):
    print(f"{d_k:5d}   {peak['不缩放'][i]:.3f} → {peak['缩放'][i]:.3f}         {jac['不缩放'][i]:.3f}")
"""

CHECKS = """
assert jac["不缩放"][-1] < jac["不缩放"][0] / 4                      # 梯度通道随 d_k 收窄
assert max(jac["缩放"]) / min(jac["缩放"]) < 1.05                    # 缩放后与 d_k 无关
"""

PRINTED = """ d_k   最大概率 不缩放→缩放   雅可比范数 不缩放→缩放
   16   0.742 → 0.227         0.258
   64   0.893 → 0.229         0.125
  256   0.951 → 0.228         0.061
 1024   0.977 → 0.228         0.029
"""


SATURATION_CELL = cell(
    SATURATION + CHECKS,
    id="saturation",
    figure="不缩放时最大概率随 $d_k$ 逼近 1；缩放后与 $d_k$ 无关",
    parts=(CellPart(part=Part.SHOW, source=SATURATION), CellPart(part=Part.CHECK, source=CHECKS)),
)

PROSE_FIELDS = (
    field(
        Label.ANSWER,
        r"$q,k$ 的分量独立、零均值、方差为 1 时，$q\cdot k$ 的方差等于 $d_k$。不缩放，logits 的标准差随 $\sqrt{d_k}$ 变大，"
        r"softmax 趋近 one-hot，它的雅可比趋近 0，梯度传不回 $q,k$。除以 $\sqrt{d_k}$ 把方差拉回 1，饱和程度从此与头维度无关。",
    ),
    field(
        Label.DETAIL,
        r"$\operatorname{Var}(q\cdot k)=\sum_{i=1}^{d_k}\operatorname{Var}(q_ik_i)=d_k$，因为 $\operatorname{Var}(q_ik_i)="
        r"\mathbb E[q_i^2]\,\mathbb E[k_i^2]=1$。" + "\n"
        r"softmax 的雅可比是 $\operatorname{diag}(p)-pp^\top$；$p$ 越接近 one-hot，它的范数越接近 0。",
        "$$\n\\mathrm{Attention}(Q,K,V)=\\mathrm{softmax}\\!\\left(\\frac{QK^\\top}{\\sqrt{d_k}}+M\\right)V,\\qquad "
        "M_{ij}=\\begin{cases}0&j\\le i\\\\-\\infty&j>i\\end{cases}\n$$",
        "| 变体 | 每 token KV | 质量 | 用在哪里 |\n| --- | ---: | :---: | --- |\n| MHA | 512 KiB | 基准 | GPT-3、LLaMA-1 |\n"
        "| GQA-8 | 128 KiB | 接近 | LLaMA-2 70B、LLaMA-3、Qwen2.5 |\n| MQA | 16 KiB | 略降 | PaLM、Falcon |",
    ),
)

FOLLOW_UPS = (
    FollowUp(
        question=prose(r"为什么是 $\sqrt{d_k}$，不是 $d_k$？"),
        answer=prose(r"除以 $d_k$ 后方差变成 $1/d_k$，logits 全挤在 0 附近，softmax 接近均匀分布，注意力选不出重点。"),
        span=HERE,
        id="attn-scale-why-not-dk",
    ),
    FollowUp(
        question=prose("训练起来之后 $q,k$ 不再独立同分布，这个理由还成立吗？"),
        answer=prose(
            "它只保证初始化时的尺度。训练中 logits 仍会涨，所以大模型另加 QK-Norm、QK-Clip 或 logit soft-cap。"
        ),
        span=HERE,
    ),
    FollowUp(
        question=prose(r"既然用了 QK-Norm，还需要 $\sqrt{d_k}$ 吗？"),
        answer=prose(r"归一化后 $|q\cdot k|$ 有上界，尺度改由可学习的增益（温度）决定，$\sqrt{d_k}$ 可以并进增益里。"),
        span=HERE,
    ),
)

PITFALLS = (
    Pitfall(
        wrong=prose("“防止 softmax 里的 exp 溢出。”"),
        right=prose("实现都会先减去最大值，exp 本来就不溢出；问题是饱和后梯度消失。"),
        span=HERE,
    ),
    Pitfall(wrong=prose("“让点积的均值为 0。”"), right=prose("均值本来就是 0，缩放改变的是方差。"), span=HERE),
)

REFERENCES = (
    prose("Vaswani et al., *Attention Is All You Need*, §3.2.1 脚注 4, arXiv:1706.03762"),
    prose("Henry et al., *Query-Key Normalization for Transformers*, arXiv:2010.04245"),
)


def concept() -> CardInputs:
    """A derivation with a figure, long maths, a table, promoted follow-up, pitfalls."""
    of = card(
        r"缩放点积注意力为什么要除以 $\sqrt{d_k}$？",
        *PROSE_FIELDS,
        field(Label.CODE, "同一批随机 $q,k$，比较缩放前后的最大概率与雅可比范数。", SATURATION_CELL),
        kind=Kind.DERIVATION,
        id="attn-scale-sqrt-dk",
        core=True,
        asof="2026-10",
        related=("mha-handwrite",),
        follow_ups=FOLLOW_UPS,
        pitfalls=PITFALLS,
        ask_backs=(prose("贵团队的训练里监控过 attention logits 的最大值吗？涨起来时用 QK-Norm 还是 QK-Clip？"),),
        references=REFERENCES,
        mutants=(
            Mutant(
                of="saturation", name="除以 d_k 而不是 √d_k", old="scores / d_k**0.5", new="scores / d_k", span=HERE
            ),
        ),
    )
    known = evidence(
        outcome("saturation", PRINTED, drawings=(Drawing(name="saturation.svg", svg="<svg/>"),)),
        mutants=(
            MutantVerdict(name="除以 d_k 而不是 √d_k", of="saturation", killed=True, by="AssertionError in saturation"),
        ),
    )
    drawn = picture("proofdeck-saturation", "两条曲线：不缩放时逼近 1", chart("#1f2328"), chart("#e6e8eb"))
    return inputs(
        of,
        known,
        pictures={"saturation/saturation.svg": drawn},
        questions={"mha-handwrite": "手撕：实现带因果掩码的多头自注意力。"},
    )


STUB = '''
import torch
from torch import nn


class CausalMHA(nn.Module):
    """多头因果自注意力。输入、输出都是 [B, L, D]；D 能被 heads 整除。"""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError
'''

SOLUTION = STUB.replace(
    "        raise NotImplementedError",
    """        B, L, D = x.shape
        q, k, v = self.qkv(x).view(B, L, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)  # 各 [B, h, L, d]
        scores = q @ k.transpose(-2, -1) / (D // self.heads) ** 0.5                              # [B, h, L, L]
        future = torch.ones(L, L, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(future, float("-inf")).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(B, L, D))""",
)

TESTS = '''
def test_no_leak_from_the_future():
    """改动最后一个 token，前面的输出一个比特都不变。"""
    torch.manual_seed(0)
    m, x = CausalMHA(32, 4).eval(), torch.randn(1, 9, 32)
    y = x.clone(); y[:, -1] += 1
    assert torch.equal(m(x)[:, :-1], m(y)[:, :-1])
'''

HIDDEN = """
def test_matches_sdpa():
    pass

def test_gradient_reaches_every_parameter():
    pass
"""


def kata() -> CardInputs:
    """A function from memory: stub, solution, tests, mutants."""
    cells = (
        cell(STUB, id="stub-1", role=Role.STUB),
        cell(SOLUTION, id="solution", role=Role.SOLUTION),
        cell(TESTS, id="tests-1", role=Role.TESTS),
        cell(HIDDEN, id="tests-2", role=Role.HIDDEN_TESTS),
    )
    wrong = (
        ("忘了缩放", " / (D // self.heads) ** 0.5", ""),
        ("掩码方向反了", "triu(1)", "tril(-1)"),
        ("合并头之前没有转置", ".transpose(1, 2).reshape(B, L, D)", ".reshape(B, L, D)"),
    )
    of = card(
        "手撕：实现带因果掩码的多头自注意力。",
        field(
            Label.ANSWER,
            "一次线性层得到 QKV，拆成 `[B, h, L, d]`；`scores = q @ kᵀ / √d`；把严格上三角（未来）填 `-inf`；softmax；乘 V；"
            "把头拼回 `[B, L, D]` 过输出投影。四个检查点：缩放、掩码方向、softmax 的维度、合并头之前先转置。",
        ),
        field(Label.CODE, *cells),
        kind=Kind.KATA,
        id="mha-handwrite",
        minutes=12,
        mutants=tuple(Mutant(of="solution", name=name, old=old, new=new, span=HERE) for name, old, new in wrong),
        pitfalls=(
            Pitfall(
                wrong=prose("`transpose` 之后直接 `view`。"),
                right=prose("内存不连续，`view` 会报错，用 `reshape` 或先 `contiguous()`。"),
                span=HERE,
            ),
        ),
        references=(prose("PyTorch 2.13 文档 `torch.nn.functional.scaled_dot_product_attention`"),),
    )
    verdicts = tuple(
        MutantVerdict(name=name, of="solution", killed=True, by="tests-2.test_matches_sdpa") for name, *_ in wrong
    )
    ran = (outcome(each.id) for each in cells[1:])
    return inputs(of, evidence(*ran, mutants=verdicts))


KERNEL = """
__global__ void saxpy(int n, float a, const float* x, float* y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;   // 合并访存
    if (i < n) y[i] = a * x[i] + y[i];
}
"""


def levels() -> CardInputs:
    """One cell of every level, a diagram, a raised error."""
    gpu = cell("import torch\nprint(torch.ones(4).cuda().sum())\n", id="on-gpu")
    cuda = cell(KERNEL, id="kernel", language="cuda")
    built = cell(KERNEL.replace("saxpy", "saxpy2"), id="built", language="cuda")
    static = cell(
        "torchrun --nproc_per_node 8 train.py\n", id="launch", language="bash", role=Role.STATIC, why="需要 8 张 GPU"
    )
    raising = cell("import torch\ntorch.zeros(2, 3).view(4)\n", id="raising", raises="RuntimeError")
    flow = Diagram(id="flow", source="graph LR\n  A --> B", caption="一次前向的数据流", span=HERE)
    of = card(
        "CUDA 的合并访存是什么？量一量它值多少。",
        field(
            Label.ANSWER,
            "同一个 warp 的 32 个线程访问**连续**的 128 字节时，硬件合并成一次事务；跨步访问要多次，带宽按比例浪费。",
        ),
        field(Label.FIGURE, flow),
        field(Label.CODE, gpu, cuda, built, static, raising),
        id="cuda-coalescing",
        depth=3,
        kind=Kind.CODE,
    )
    known = evidence(
        outcome("on-gpu", "tensor(4., device='cuda:0')\n", level=Level.EXECUTED_GPU, toolchain=GPU),
        outcome("kernel", level=Level.SIMULATED),
        outcome("built", level=Level.COMPILED),
        outcome("raising", error="Traceback…\nRuntimeError: shape '[4]' is invalid for input of size 6"),
    )
    return inputs(of, known, pictures={"flow": picture("flow", "数据流", chart("#1f2328"), chart("#e6e8eb"))})


ALL = {"concept": concept, "kata": kata, "levels": levels}
