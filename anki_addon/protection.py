"""Whether code runs in the sandbox, and why not, in words. Decides nothing about trust and starts nothing."""

from .cells import sandbox
from .settings import Settings
from .strings import Words

REASONS = {
    sandbox.NOT_LINUX: "box not linux", sandbox.NO_PROGRAM: "box no program",
    sandbox.NO_NAMESPACES: "box no namespaces",
}  # fmt: skip


def absent(words: Words) -> str:
    """Why there is no sandbox on this machine; empty when there may be one."""
    reason = sandbox.missing()
    return words.say(REASONS[reason]) if reason else ""


def bare(settings: Settings, words: Words, *, gpu: bool, fault: str) -> str:
    """Why a run goes without a sandbox; empty when it goes in one, or not at all. `fault`: why the sandbox was seen not
    to start.
    """
    if settings.sandbox == "always":
        return ""
    if settings.sandbox == "off":
        return words.say("box off")
    return words.say("box gpu") if gpu else absent(words) or fault


def promise(settings: Settings, words: Words, fault: str) -> str:
    """What the choice of `settings` means on this machine, as a sentence."""
    if settings.sandbox == "off":
        return words.say("promise none", why=words.say("box off"))
    why = absent(words) or fault
    if not why:
        return words.say("promise " + settings.sandbox)
    return words.say("promise nothing" if settings.sandbox == "always" else "promise none", why=why)
