"""Every sentence that the core says, in English and Chinese; what buttons and dialogs say is with them."""

from types import MappingProxyType
from typing import Mapping, Tuple

TEXTS: Mapping[str, Tuple[str, str]] = MappingProxyType(
    {
        # why nothing runs
        "busy": ("Another cell is running; stop it first.", "另一段代码正在运行，请先停止它。"),
        "soon": ("Too fast: wait a second.", "太快了，请等一秒。"),
        "no cell": ("This note has no such cell.", "这条笔记里没有这段代码。"),
        "unreadable": ("The code of this note cannot be read.", "读不出这条笔记里的代码。"),
        "newer": ("The deck is newer than the add-on: update the add-on.", "卡组比插件新，请更新插件。"),
        "muted": (
            "Unknown code of this deck stays off, as you asked; the settings take that back.",
            "这个卡组里不认识的代码按你说的不运行；在设置里可以撤销。",
        ),
        "declined": ("Not run.", "没有运行。"),
        "no python": (
            "No Python is chosen. Open the settings: there the add-on finds one with torch, or makes one.",
            "还没有选 Python。请打开设置：插件会找出装了 torch 的 Python，也可以新建一个。",
        ),
        "language": ("Runs in the pipeline only: {what}.", "只在卡组的流水线里运行：{what}。"),
        "gone": ("{path} does not answer like a Python any more.", "{path} 已经不能当 Python 用了。"),
        "lacks modules": (
            "{path} lacks {what}. Install: {command}",
            "{path} 缺少 {what}。安装：{command}",
        ),
        "lacks programs": ("This cell needs {what}, which is not installed.", "这段代码需要 {what}，这台电脑上没有。"),
        "lacks gpu": (
            "This cell needs an NVIDIA GPU and a torch that was built for it.",
            "这段代码需要 NVIDIA 显卡和支持它的 torch。",
        ),
        "gpu sandboxed": (
            "A cell that uses the GPU cannot be sandboxed, and the settings say: always.",
            "用显卡的代码没法放进沙箱，而设置要求一律用沙箱。",
        ),
        "no sandbox": (
            "There is no sandbox here, and the settings say: always. ({why})",
            "这里没有沙箱，而设置要求一律用沙箱。（{why}）",
        ),
        "no engine": ("Python did not start: {why}", "Python 没能启动：{why}"),
        # how a cell ended
        "same": ("same as verified", "一致"),
        "different": ("differs from what was verified", "不同"),
        "unrecorded": ("done; nothing was verified to compare with", "完成；没有可以比对的记录"),
        "failed": ("failed: {what}", "失败：{what}"),
        "as it must": ("the tests fail on the stub, as they must", "测试在骨架代码上失败，本该如此"),
        "stub passes": ("the tests pass on the stub, so they prove nothing", "骨架代码竟然通过了测试"),
        "stopped": ("stopped", "已停止"),
        "timeout": ("stopped after the time limit", "超时，已停止"),
        "output": ("printed too much, stopped", "输出太多，已停止"),
        "memory": ("needed too much memory", "内存不够"),
        "processes": ("started too many processes", "进程太多"),
        "sandbox": ("was stopped by the sandbox", "被沙箱拦下"),
        "skipped": ("not run: an earlier cell did not end well", "没有运行：前面的代码没有正常结束"),
        "lacking": ("{what}", "{what}"),
        "tests": ("{passed}/{count} tests", "测试 {passed}/{count}"),
        "sandboxed": ("sandboxed", "沙箱内"),
        "plain": ("no sandbox", "无沙箱"),
        # making an environment
        "make exists": ("There is something in {path} already.", "{path} 里已经有东西了。"),
        "make cancelled": ("Cancelled; what was made is removed.", "已取消，做了一半的已删除。"),
        "make failed": ("`{command}` failed.", "`{command}` 失败了。"),
    }
)


class Words:
    """The words of one language: `zh` or `en`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """The text `key` with `values` filled in. Raises KeyError for an unknown key."""
        return TEXTS[key][self.language == "zh"].format(**values)
