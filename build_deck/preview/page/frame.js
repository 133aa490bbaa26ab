// The page inside the frame, built as an Anki client builds it: the card in #qa of body.card, MathJax when there is TeX.
"use strict";
proofdeck.frame = (() => {
  const ANKI = "body{margin:20px}hr{background-color:#737373;height:1px}body.nightMode{background-color:#2c2c2c;color:#fcfcfc}";
  // as Anki configures its own; inside the frame, since MathJax does not know another window's arrays
  const MATHJAX = `MathJax = {
    tex: { displayMath: [["\\\\[", "\\\\]"]], processEscapes: false, processEnvironments: false, processRefs: false,
           packages: { "[+]": ["noerrors", "mathtools"], "[-]": ["textmacros"] } },
    options: { enableMenu: false },
    startup: { typeset: false },
  }`;
  const box = document.createElement("iframe");
  const at = (name) => new URL(name, location.href.replace(/#.*/, "")).href;
  // the first front comes with its TeX spelled out in letters, to be read until MathJax is here
  const LETTERS = /<span class="tex" data-tex="([^"]*)">[^<]*<\/span>/g;
  const TEX = /\\[([][\s\S]*?\\[)\]]/g;
  let page = null;
  let mathjax = null;
  let shown = 0;
  let held = null;
  let paint = null;
  const painted = new Promise((done) => (paint = done));

  const open = () => {
    box.id = "frame";
    box.title = "卡片";
    document.getElementById("stage").append(box);
    page = box.contentDocument;
    page.open();
    page.write(
      `<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><base href="${at("media/")}" target="_blank">` +
        `<script>${MATHJAX}<\/script>` +
        `<meta name="viewport" content="width=device-width, initial-scale=1"><style>${ANKI}</style>` +
        `<style>${document.getElementById("card-style").textContent}</style>` +
        "<style>html{scrollbar-width:thin}::highlight(tex){color:transparent}</style>" +
        '</head><body class="card card1"><div id="qa"></div></body></html>',
    );
    page.close();
  };

  const load = () =>
    (mathjax ??= new Promise((done, failed) => {
      const script = page.createElement("script");
      script.src = at("mathjax.js");
      script.onload = () => box.contentWindow.MathJax.startup.promise.then(done, failed);
      script.onerror = failed;
      page.head.append(script);
    }));

  // while MathJax loads, once, the raw TeX keeps its place and is not seen
  const veil = (qa) => {
    const view = box.contentWindow;
    if (!view.CSS?.highlights) return;
    const ranges = [];
    const walker = page.createTreeWalker(qa, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (walker.currentNode.parentElement.closest("pre, code")) continue;
      for (const found of walker.currentNode.data.matchAll(TEX)) {
        const range = page.createRange();
        range.setStart(walker.currentNode, found.index);
        range.setEnd(walker.currentNode, found.index + found[0].length);
        ranges.push(range);
      }
    }
    view.CSS.highlights.set("tex", new view.Highlight(...ranges));
  };

  const show = async (html, keep) => {
    const meant = html.replace(LETTERS, "$1");
    if (meant === held && !keep) return;
    held = meant;
    const turn = ++shown;
    const qa = page.getElementById("qa");
    const view = box.contentWindow;
    const scroll = keep ? view.scrollY : 0;
    const open = keep ? [...qa.querySelectorAll("details")].map((each) => each.open) : [];
    view.MathJax?.typesetClear?.();
    qa.innerHTML = html;
    qa.querySelectorAll("details").forEach((each, number) => (each.open ||= !!open[number]));
    view.scrollTo(0, scroll);
    qa.dataset.typeset = "no";
    // two frames later it is on the screen; what is slow waits for that
    requestAnimationFrame(() => requestAnimationFrame(paint));
    if (html.search(TEX) >= 0) {
      if (view.MathJax?.typesetPromise) qa.style.visibility = "hidden";
      else veil(qa);
      try {
        await painted;
        await load();
        if (turn === shown) {
          qa.querySelectorAll(".tex").forEach((each) => each.replaceWith(each.dataset.tex));
          await view.MathJax.typesetPromise([qa]);
        }
      } finally {
        if (turn === shown) qa.style.visibility = "";
      }
      if (turn === shown) view.scrollTo(0, scroll);
    }
    if (turn === shown) qa.dataset.typeset = "yes";
  };

  const night = (on) => {
    page.body.classList.toggle("nightMode", on);
    page.body.classList.toggle("night_mode", on);
    page.documentElement.classList.toggle("night-mode", on);
    page.documentElement.style.colorScheme = on ? "dark" : "light";
  };

  // in heights of the frame
  const scroll = (by) => box.contentWindow.scrollBy(0, by * box.clientHeight);

  const unfold = () => {
    const all = [...page.querySelectorAll("details")];
    const open = !all.every((each) => each.open);
    all.forEach((each) => (each.open = open));
  };

  open();
  night(proofdeck.dark);
  const [key, side] = proofdeck.asked;
  if (proofdeck.front) show(proofdeck.front);
  painted.then(() => document.getElementById("first").remove());
  proofdeck.arrived ??= painted.then(proofdeck.load);
  proofdeck.arrived.then(() => proofdeck.cards[key] ? show(proofdeck.cards[key][side === "back" ? 1 : 0]) : paint());
  return { page, show, night, scroll, unfold, painted };
})();
