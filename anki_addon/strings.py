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
        "language": ("Runs in the pipeline only: {what}.", "只在卡组的流水线里运行：{what}。"),
        "no engine": ("Python did not start: {why}", "Python 没能启动：{why}"),
        # what is wrong with the chosen interpreter
        "no python": (
            "No Python is chosen. Open the settings: there the add-on finds one with torch, or makes one.",
            "还没有选 Python。请打开设置：插件会找出装了 torch 的 Python，也可以新建一个。",
        ),
        "gone": ("{path} does not answer like a Python.", "{path} 不像 Python 那样应答。"),
        "too old": (
            "{path} is Python {version}; cells need {oldest} or newer.",
            "{path} 是 Python {version}，至少要 {oldest}。",
        ),
        "anki's own": (
            "{path} is the Python that Anki lives in, which is never used: choose another.",
            "{path} 是 Anki 自己的 Python，插件从不使用它：请另选一个。",
        ),
        # what the interpreter or the machine lacks
        "lacks modules": (
            "{path} lacks {what}. Install: {command}",
            "{path} 缺少 {what}。安装：{command}",
        ),
        "lacks programs": ("This cell needs {what}, which is not installed.", "这段代码需要 {what}，这台电脑上没有。"),
        "lacks gpu": (
            "This cell needs an NVIDIA GPU and a torch that was built for it.",
            "这段代码需要 NVIDIA 显卡和支持它的 torch。",
        ),
        # the sandbox
        "gpu sandboxed": (
            "A cell that uses the GPU cannot be sandboxed, and the settings say: always.",
            "用显卡的代码没法放进沙箱，而设置要求一律用沙箱。",
        ),
        "no sandbox": (
            "There is no sandbox here, and the settings say: always. ({why})",
            "这里没有沙箱，而设置要求一律用沙箱。（{why}）",
        ),
        "approved boxed": (
            "Not run: it was approved for the sandbox, which does not start here ({why}). Press ▶ to be asked anew.",
            "没有运行：你批准的是在沙箱里运行，而沙箱在这里启动不了（{why}）。再按一次 ▶ 会重新询问。",
        ),
        "box not linux": ("there is one on Linux only", "只有 Linux 上有沙箱"),
        "box no program": (
            "bubblewrap is not installed: apt install bubblewrap",
            "没有安装 bubblewrap：apt install bubblewrap",
        ),
        "box no namespaces": ("this kernel has no user namespaces", "这个内核没有用户命名空间"),
        "box gpu": ("code that uses the GPU cannot be sandboxed", "用显卡的代码没法放进沙箱"),
        "box off": ("the settings say so", "设置里选了不用"),
        "ask boxed": (
            "It will run in the sandbox: without network and without your files, and it leaves nothing behind.",
            "它会在沙箱里运行：不能联网，看不到你的文件，也不留下任何东西。",
        ),
        "ask bare": (
            "It will run WITHOUT a sandbox ({why}): it can read and change your files and use the network.",
            "它会在沙箱之外运行（{why}）：和你自己的程序一样，能读写你的文件，也能联网。",
        ),
        "promise auto": (
            (
                "Cells have no network, do not see your files and leave nothing behind. Those that use a GPU run "
                "outside, and if the sandbox fails to start, so do all; the line beside ▶ says where."
            ),
            (
                "代码不能联网，看不到你的文件，也不留下任何东西。用显卡的代码在沙箱之外运行；沙箱启动失败时，"
                "其余的也是。▶ 旁边的那一行会写明。"
            ),
        ),
        "promise always": (
            (
                "Cells have no network, do not see your files and leave nothing behind. Those that use a GPU do not "
                "run, and nothing does if the sandbox fails to start."
            ),
            "代码不能联网，看不到你的文件，也不留下任何东西。用显卡的代码不运行；沙箱启动失败时，什么都不运行。",
        ),
        "promise none": (
            (
                "No sandbox ({why}): cells may read your files and use the network, as your own programs may; only "
                "their time is limited, and on Linux their memory and processes."
            ),
            (
                "没有沙箱（{why}）：代码和你自己的程序一样，能读写你的文件，也能联网；"
                "只限制时间，在 Linux 上还限制内存和进程。"
            ),
        ),
        "promise nothing": ("No sandbox ({why}): nothing runs.", "没有沙箱（{why}）：什么都不运行。"),
        "sandboxed": ("sandboxed", "沙箱内"),
        "plain": ("no sandbox", "无沙箱"),
        "fell back": ("no sandbox: it does not start here ({why})", "无沙箱：在这里启动不了（{why}）"),
        # how a cell ended
        "same": ("same as verified", "一致"),
        "different": ("differs from what was verified", "不同"),
        "unrecorded": ("done; nothing was verified to compare with", "完成；没有可以比对的记录"),
        "failed": ("failed: {what}", "失败：{what}"),
        "ended early": ("failed: its process ended before its last line", "失败：没运行到最后一行，进程就结束了"),
        "no exception": ("failed: it was to raise an exception and did not", "失败：本该抛出异常，却没有"),
        "lost": ("failed: its process is gone or does not answer", "失败：运行它的进程没有了，或没有响应"),
        "meddled": ("failed: it meddled with the engine", "失败：它干扰了运行它的程序"),
        "as it must": ("the tests fail on the stub, as they must", "测试在骨架代码上失败，本该如此"),
        "stub passes": ("the tests pass on the stub, so they prove nothing", "骨架代码竟然通过了测试"),
        "stopped": ("stopped", "已停止"),
        "timeout": ("stopped after the time limit", "超时，已停止"),
        "output": ("printed or wrote too much, stopped", "输出或写入太多，已停止"),
        "memory": ("needed too much memory, stopped", "内存不够，已停止"),
        "processes": ("started too many processes, stopped", "进程太多，已停止"),
        "sandbox": ("was stopped by the sandbox", "被沙箱拦下"),
        "skipped": ("not run: an earlier cell did not end well", "没有运行：前面的代码没有正常结束"),
        "tests": ("{passed}/{count} tests", "测试 {passed}/{count}"),
        "cut": ("… cut off here: more than may be shown", "… 输出在这里截断（超过上限）"),
        # making an environment
        "make exists": (
            "There is an environment in {path} already: choose it in the list, or delete it first.",
            "{path} 里已经有一个环境：请在列表里选它，或先删除它。",
        ),
        "make foreign": (
            "What is in {path} was not made by this add-on and is left alone: choose its Python, or move it away.",
            "{path} 里的东西不是插件建的，不会动它：请选它的 Python，或先把它移走。",
        ),
        "make cancelled": ("Cancelled; what was made is removed.", "已取消，做了一半的已删除。"),
        "make failed": ("`{command}` failed. What was made is removed.", "`{command}` 失败了，做了一半的已删除。"),
    }
)


class Words:
    """The words of one language: `zh` or `en`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """The text `key` with `values` filled in. Raises KeyError for an unknown key."""
        return TEXTS[key][self.language == "zh"].format(**values)
