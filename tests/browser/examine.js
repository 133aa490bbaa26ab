// What is wrong with the page that is shown, as a list; run inside the card's frame, in the page around it, in Anki.
() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  for (const box of document.querySelectorAll(".pd, .pd *")) {
    if (box.scrollWidth > box.clientWidth + 1 && !box.closest("mjx-container") &&
        /hidden|clip/.test(getComputedStyle(box).overflowX))
      faults.push(`cut off: ${box.className} ${box.textContent.trim().slice(0, 20)} ${box.scrollWidth} > ${box.clientWidth}`);
  }
  for (const image of document.images) {
    if (image.offsetWidth && !image.naturalWidth) faults.push(`image ${image.getAttribute("src")}`);
    if (!image.alt || /[$`\\]/.test(image.alt)) faults.push(`no plain alternative text: ${image.getAttribute("src")}`);
  }
  const place = scrollY;
  // of a target what no neighbour covers, through the middle of its largest box, in pixels across and down
  const own = (each) => {
    each.scrollIntoView({ block: "center" });
    const [box] = [...each.getClientRects()].sort((one, other) => other.width * other.height - one.width * one.height);
    const hit = (x, y) => each.contains(document.elementFromPoint(x, y));
    const count = (from, to, at) => {
      let hits = 0;
      for (let pixel = Math.floor(from); pixel < to; pixel++) hits += at(pixel);
      return hits;
    };
    return [count(box.left, box.right, (x) => hit(x, box.top + box.height / 2)),
            count(box.top, box.bottom, (y) => hit(box.left + box.width / 2, y))];
  };
  // behind an open sheet, where nobody taps
  const behind = (each) => {
    const box = each.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    for (let at = document.elementFromPoint(x, y); at; at = at.parentElement)
      if (getComputedStyle(at).position === "fixed") return !at.contains(each);
    return false;
  };
  // a link within a sentence is as high as its line, which WCAG 2.5.8 allows
  const within = (each) => each.matches("a:not(.row)") && each.closest("p, li, td") && !each.closest("footer");
  for (const each of document.querySelectorAll("summary, button, select, input:not([type=checkbox]), label, a[href]")) {
    if (getComputedStyle(each).visibility !== "visible" || !each.getClientRects().length) continue;
    if (within(each) || behind(each)) continue;
    const [width, height] = own(each);
    if (width < 40 || height < 40)
      faults.push(`small target: ${(each.id || each.textContent).trim().slice(0, 20)} ${width} x ${height}`);
  }
  scrollTo(0, place);
  for (const each of document.querySelectorAll("mjx-merror, [data-mjx-error]")) faults.push(`maths: ${each.textContent}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.parentElement.closest("pre, code, script, style, mjx-container") && /\\[([]/.test(text.data))
      faults.push(`not typeset: ${text.data.slice(0, 40)}`);
  }
  return faults;
}
