"""What buttons and dialogs say, in English and Chinese; the sentences of the core are in `strings`."""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping

ENGLISH = MappingProxyType(
    {
        "menu": "ProofDeck…",
        "run": "▶ Run",
        "again": "▶ Run again",
        "stop": "■ Stop",
        "settings": "Settings…",
        "shortcut": "Ctrl+Enter",
        "loading": "Loading torch…",
        "running": "Running…",
        "seconds": "%.1f s",
        "brief": "< 0.1 s",
        "figure": "Figure of this run",
        "legend": "- recorded   + this run",
        "ask title": "Run this code?",
        "ask reason": "This add-on does not know this code: the deck is newer than the add-on, the note was edited, or "
        "the deck is somebody else's. It runs on this computer; read it first. Only this exact code is approved.",
        "ask size": "%d lines",
        "ask run": "Run",
        "ask never": "Run no unknown code of this deck and do not ask again",
        "cancel": "Cancel",
        "ok": "OK",
        "title": "ProofDeck",
        "python": "Python that runs the cells",
        "automatic": "None chosen: cells are not run",
        "columns": "Python|torch|numpy|matplotlib|devices|path",
        "searching": "Looking for interpreters…",
        "found": "%d found",
        "none": "No Python on this computer has torch. Make an environment, or choose an interpreter of your own.",
        "search": "Look again",
        "choose": "Choose…",
        "make": "Make an environment…",
        "limit": "Time limit of a cell",
        "unit": " s",
        "sandbox": "Sandbox",
        "sandbox auto": "Where this computer can",
        "sandbox always": "Always; without it run nothing",
        "sandbox off": "Never",
        "sandbox works": "Cells run without network, cannot see your files and leave nothing behind.",
        "sandbox missing": "This computer has none (%s): cells run as ordinary programs of yours, under the time "
        "limit.",
        "warm": "Load torch when a review begins",
        "trusted": "Cells approved: %d · decks not to ask about: %d",
        "forget": "Take all of it back",
        "json": "As JSON…",
        "make title": "Make an environment",
        "make question": "This makes a Python environment with torch, numpy and matplotlib in\n%s\non top of %s. It "
        "downloads up to a few gigabytes from the package index that pip is set up for. Nothing of Anki is changed.",
        "make base": "A Python 3.10 or newer is needed first: install one from python.org, or uv, and look again.",
        "make go": "Download and make",
        "made": "Done: %s",
        "not a python": "%s does not answer like a Python.",
    }
)

CHINESE = MappingProxyType(
    {
        "menu": "ProofDeck…",
        "run": "▶ 运行",
        "again": "▶ 再运行",
        "stop": "■ 停止",
        "settings": "设置…",
        "shortcut": "Ctrl+Enter",
        "loading": "正在加载 torch…",
        "running": "运行中…",
        "seconds": "%.1f 秒",
        "brief": "< 0.1 秒",
        "figure": "这次运行的图",
        "legend": "- 记录的   + 这次的",
        "ask title": "要运行这段代码吗？",
        "ask reason": "插件不认识这段代码：卡组比插件新、笔记被改过，或者是别人的卡组。"
        "它会在这台电脑上运行，请先读一遍。批准只对这段一字不差的代码有效。",
        "ask size": "共 %d 行",
        "ask run": "运行",
        "ask never": "这个卡组里不认识的代码一律不运行，也别再问",
        "cancel": "取消",
        "ok": "确定",
        "title": "ProofDeck",
        "python": "运行代码的 Python",
        "automatic": "没有选：不运行代码",
        "columns": "Python|torch|numpy|matplotlib|设备|路径",
        "searching": "正在寻找 Python…",
        "found": "找到 %d 个",
        "none": "这台电脑上的 Python 都没有 torch。可以新建一个环境，或自己选一个。",
        "search": "重新寻找",
        "choose": "选择…",
        "make": "新建环境…",
        "limit": "每段代码的时限",
        "unit": " 秒",
        "sandbox": "沙箱",
        "sandbox auto": "这台电脑能用就用",
        "sandbox always": "必须用，否则不运行",
        "sandbox off": "不用",
        "sandbox works": "代码不能联网，看不到你的文件，也不留下任何东西。",
        "sandbox missing": "这台电脑没有沙箱（%s）：代码像你的普通程序一样运行，只受时限约束。",
        "warm": "开始复习时就加载 torch",
        "trusted": "已批准 %d 段代码 · %d 个卡组不再询问",
        "forget": "全部撤销",
        "json": "JSON 形式…",
        "make title": "新建环境",
        "make question": "将在\n%s\n用 %s 新建一个带 torch、numpy 和 matplotlib 的 Python 环境，"
        "要从 pip 设定的软件源下载，最多几个 GB。Anki 自身不变。",
        "make base": "先要有 Python 3.10 或更新：从 python.org 安装一个，或者装 uv，再重新寻找。",
        "make go": "下载并新建",
        "made": "完成：%s",
        "not a python": "%s 不像一个 Python。",
    }
)


def labels(language: str) -> Mapping[str, str]:
    """The labels of `zh` or `en`."""
    return CHINESE if language == "zh" else ENGLISH
