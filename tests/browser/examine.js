// What is wrong with the page that is shown, as a list; run inside the card's frame or in the page around it.
() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  for (const image of document.images) {
    if (image.offsetWidth && !image.naturalWidth) faults.push(`image ${image.getAttribute("src")}`);
    if (!image.alt) faults.push(`no alternative text: ${image.getAttribute("src")}`);
  }
  for (const each of document.querySelectorAll("summary, button, select, input:not([type=checkbox]), label, a.row")) {
    const box = each.getBoundingClientRect();
    if (box.width && getComputedStyle(each).visibility === "visible" && box.height < 40)
      faults.push(`small target: ${(each.id || each.textContent).trim().slice(0, 20)} ${box.height}`);
  }
  for (const each of document.querySelectorAll("mjx-merror, [data-mjx-error]")) faults.push(`maths: ${each.textContent}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.parentElement.closest("pre, code, script, style, mjx-container") && /\\[([]/.test(text.data))
      faults.push(`not typeset: ${text.data.slice(0, 40)}`);
  }
  return faults;
}
