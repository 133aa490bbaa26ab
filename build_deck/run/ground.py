"""What every run stands on: where the environments lie, what they were asked to hold, how figures look."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from build_deck import bootstrap
from build_deck.cells.protocol import Interpreter

DRAW = Path(__file__).resolve().parent.parent / "draw"
KERNELS = Path(__file__).resolve().parent.parent / "cells" / "kernels"
PRELOADED: Mapping[str, tuple[str, ...]] = {
    "ref": ("faiss", "bm25s", "rjieba", "sacrebleu", "sentencepiece", "tiktoken", "tokenizers", "sklearn.linear_model"),
    "hf": (
        "transformers.trainer", "transformers.models.qwen2.modeling_qwen2", "transformers.models.llama.modeling_llama",
        "bitsandbytes", "deepspeed", "peft", "trl.trainer.dpo_trainer", "trl.trainer.sft_trainer", "openai",
    ),
    "vllm": ("transformers.models.llama.modeling_llama", "openai"),
}  # fmt: skip
"""By environment: what its server loads once besides torch and matplotlib, so that its cells need not."""
ON_DEMAND = frozenset({"vllm"})
"""Environments that are installed only by name, for their size; elsewhere their records are believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Read once per command; nothing here changes while it runs."""

    root: Path
    envs: Path
    """Folder of the installed environments."""
    style: Path
    font: Path
    requirements: Mapping[str, str]
    """By environment: digest of its requirements text, whether or not it is installed."""
    style_digest: str
    kernels_digest: str
    """Of the headers that cuda cells are built with."""
    sandboxed: bool = True
    """Only a user who trusts every cell turns this off."""

    @classmethod
    def at(cls, root: Path, envs: Path | None = None, *, sandboxed: bool = True) -> Ground:
        """The ground of the checkout at `root`. Raises OSError when the figure style is not readable."""
        style, font = DRAW / "figure.mplstyle", DRAW / "fonts" / "NotoSansCJKsc-subset.otf"
        return cls(
            root=root,
            envs=envs or root / ".envs",
            style=style,
            font=font,
            requirements=_requirements(root),
            # the font grows with the deck and draws the same glyphs as before, so it does not count
            style_digest=hashlib.sha256(style.read_bytes()).hexdigest(),
            kernels_digest=_joined(sorted(KERNELS.glob("*.h"))),
            sandboxed=sandboxed,
        )

    def figures(self, card: str) -> Path:
        """Where the outcomes of one card are frozen."""
        return self.root / "figures" / card

    def interpreter(self, env: str) -> Interpreter:
        """The Python of `env` and what it loads first."""
        windows = self.envs / env / "Scripts" / "python.exe"
        python = windows if windows.is_file() else self.envs / env / "bin" / "python"
        style, font = str(self.style), str(self.font)
        modules = (*Interpreter.modules, *PRELOADED.get(env, ()))
        return Interpreter(
            str(python.absolute()), style=style, font=font, modules=modules, sandboxed=self.sandboxed
        )  # fmt: skip

    def input(self, name: str) -> Path | None:
        """The declared input `name`; None when there is no such file in this tree."""
        path = (self.root / name).resolve()
        return path if path.is_file() and path.is_relative_to(self.root.resolve()) else None

    def files(self, names: Iterable[str]) -> dict[str, str]:
        """Declared inputs as a job carries them: base64 by path. Raises OSError."""
        return {name: base64.b64encode((self.root / name).read_bytes()).decode() for name in names}

    def at_hand(self, env: str) -> bool:
        """Whether cells of `env` are to run here: it is installed when need be, or has been asked for."""
        return env not in ON_DEMAND or self._exists(env)

    def lacks(self, env: str) -> str:
        """What is wrong with the environment `env`, in words; empty when it holds what the requirements ask for.

        A record says which requirements its cells ran with, so they do not run with any others.
        """
        if not self._exists(env):
            return "is not installed"
        files = bootstrap.cell_requirement_files(env, self.root)
        asked = ", ".join(path.relative_to(self.root).as_posix() for path in files)
        return "" if bootstrap.holds(self.envs / env, env, files) else f"holds something else than {asked}"

    def _exists(self, env: str) -> bool:
        return Path(self.interpreter(env).python).is_file()


def _requirements(root: Path) -> dict[str, str]:
    files = sorted((root / "requirements").glob("cells-*.txt"))
    names = (path.name.removeprefix("cells-").split(".")[0] for path in files)
    return {env: _joined(bootstrap.cell_requirement_files(env, root)) for env in names}


def _joined(paths: Iterable[Path]) -> str:
    texts = (path.read_bytes().replace(b"\r\n", b"\n") for path in paths)
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
