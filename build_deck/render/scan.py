"""Pygments' loop over the rules of a lexer, with one regular expression for each state: the same tokens, sooner.

Pygments tries up to 56 rules at every token, in order; an alternation makes the same choice in one call. Knows the
shape of a `RegexLexer`'s rules and nothing of languages or colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Rule = tuple[Any, Any, Any]
"""Pygments' own: bound `match` of a compiled pattern, action (a token type, a callback or None), new state."""

WORTHWHILE = 3000
"""Tokens after which a state's rules are joined: compiling costs as much as some thousand tokens, so an edit of one
card never gets there and a whole deck does."""

_FLAGS = re.compile(r"^\(\?([aimsux]+)\)")
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?!\?)", re.DOTALL)
_NUMBERED = re.compile(r"\\[1-9]|\(\?P|\(\?\(")


class State:
    """The rules of one state."""

    __slots__ = ("_flags", "_joined", "_rules", "_visits")

    def __init__(self, rules: list[Rule], flags: int) -> None:
        self._rules = rules
        self._flags = flags
        self._visits = 0
        self._joined: re.Pattern[str] | None = None

    def join(self) -> None:
        """Put the rules into one pattern, if they can be."""
        self._joined = _alternation([match.__self__.pattern for match, _, _ in self._rules], self._flags)

    def step(self, text: str, position: int) -> tuple[re.Match[str], Any, Any] | None:
        """The match, action and new state of the first rule that applies."""
        if self._joined is None:
            return self._try_each(text, position)
        found = self._joined.match(text, position)
        if found is None:
            return None
        match, action, to = self._rules[(found.lastindex or 0) - 1]
        if action is not None and not isinstance(action, tuple):
            # a callback reads groups, and in the joined pattern nothing has any
            found = match(text, position)
        return found, action, to

    def _try_each(self, text: str, position: int) -> tuple[re.Match[str], Any, Any] | None:
        self._visits += 1
        if self._visits == WORTHWHILE:
            self.join()
        for match, action, to in self._rules:
            found = match(text, position)
            if found:
                return found, action, to
        return None


class Scanner:
    """A `RegexLexer` without filters; `error` and `space` are what it says of text that no rule knows."""

    def __init__(self, lexer: Any, error: Any, space: Any) -> None:
        self._lexer = lexer
        self._error = error
        self._space = space
        self.states = {name: State(rules, lexer.flags) for name, rules in lexer._tokens.items()}

    def get_tokens(self, text: str) -> Iterator[tuple[Any, str]]:
        """(token type, value) of `text`, which is given a line end if it has none."""
        if not text.endswith("\n"):
            text += "\n"
        stack, position = ["root"], 0
        state = self.states["root"]
        while True:
            step = state.step(text, position)
            if step is None:
                if position >= len(text):
                    return
                known = text[position] == "\n"
                if known:
                    stack, state = ["root"], self.states["root"]
                yield (self._space if known else self._error), text[position]
                position += 1
                continue
            match, action, to = step
            if isinstance(action, tuple):
                yield action, match.group()
            elif action is not None:
                for _, token, value in action(self._lexer, match):
                    yield token, value
            position = match.end()
            if to is not None:
                _turn(stack, to)
                state = self.states[stack[-1]]


def _turn(stack: list[str], to: Any) -> None:
    """Change the stack of states; at least one always stays."""
    if isinstance(to, int):
        del stack[1 if -to >= len(stack) else to :]
        return
    for state in to if isinstance(to, tuple) else (to,):
        if state == "#pop":
            del stack[max(1, len(stack) - 1) :]
        else:
            stack.append(stack[-1] if state == "#push" else state)


def _alternation(patterns: list[str], flags: int) -> re.Pattern[str] | None:
    """One pattern whose only group that takes part says which of `patterns` matches first; None where groups have
    numbers to keep.

    Groups that capture become groups that do not, and the mark comes last: the engine then skips an alternative that
    begins with another letter without entering it.
    """
    if any(_NUMBERED.search(pattern) for pattern in patterns):
        return None
    scoped = (_FLAGS.sub(r"(?\1:", pattern, count=1) + ")" * bool(_FLAGS.match(pattern)) for pattern in patterns)
    plain = (_ATOM.sub(lambda atom: "(?:" if atom[0] == "(" else atom[0], pattern) for pattern in scoped)
    return re.compile("|".join(f"(?:{pattern})()" for pattern in plain), flags)
