// Marks that begin a line although they belong behind a formula, each with the words after it; run in the card's frame.
() => {
  const CLOSING = /^[，。、；：？！）】》」』”’,.;:?!)…]/;
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const behind = (formula) => {
    walker.currentNode = formula;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!formula.contains(node) && node.data) return node;
    }
    return null;
  };
  for (const formula of document.querySelectorAll("mjx-container:not([display])")) {
    const text = behind(formula);
    if (!text || !formula.getClientRects().length || !CLOSING.test(text.data)) continue;
    const mark = document.createRange();
    mark.setStart(text, 0);
    mark.setEnd(text, 1);
    const [one, other] = [formula.getBoundingClientRect(), mark.getBoundingClientRect()];
    if (other.left < one.right - 1) found.push(text.data.slice(0, 12));
  }
  return found;
}
