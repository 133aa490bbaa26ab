// The list, its filters, the frame around a card, the keys. No framework; data come as scripts, so file:// works too.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const FILTERS = ["section", "depth", "kind", "level"];
  const NONE = "-";
  const PAGES = { " ": 0.875, PageDown: 0.875, PageUp: -0.875, ArrowDown: 0.05, ArrowUp: -0.05, End: 1e5, Home: -1e5 };
  const state = { key: "", side: "front", night: proofdeck.dark, frame: proofdeck.stored.frame ?? "desktop" };
  let cards = [];
  let byKey = new Map();
  let rows = new Map();
  let stamp = "";

  const script = (source) => proofdeck.script(source + stamp);
  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  };

  // ---- one card
  const place = (key, side) => `#${key}${side === "back" ? "/back" : ""}`;
  const sides = async (key) => {
    if (key === proofdeck.asked[0]) await proofdeck.arrived;
    if (!proofdeck.cards[key]) await script(`cards/${encodeURIComponent(key)}.js`);
    return proofdeck.cards[key];
  };

  const show = async (keep = false) => {
    const { key, side } = state;
    const card = byKey.get(key);
    if (!card) return;
    const [front, back] = await sides(key);
    if (state.key !== key || state.side !== side) return;
    const done = proofdeck.frame.show(side === "back" ? back : front, keep);
    document.title = `${card.title} · ProofDeck`;
    $("at").textContent = card.at.replace(/:\d+$/, "");
    $("link").textContent = key;
    $("link").href = place(key, side);
    $("flip").textContent = side === "back" ? "回题面" : "看答案";
    all("[data-side]").forEach((each) => each.setAttribute("aria-pressed", each.dataset.side === side));
    told($("problems"), card.problems);
    mark();
    await done;
    const next = seen()[seen().indexOf(card) + 1];
    if (next) sides(next.key).catch(() => {});
  };

  const told = (list, problems = []) => {
    list.hidden = !problems.length;
    list.replaceChildren(...problems.map(([severity, code, at, text, hint]) => {
      const item = make("li", severity);
      item.append(make("b", "", code), ` ${text}`, make("span", "hint", hint ? `${hint}` : ""), make("code", "", at));
      return item;
    }));
  };

  const go = (key, side = "front") => {
    const address = place(key, side);
    if (location.hash === address) return arrive();
    history.pushState(null, "", address);
    arrive();
  };
  const arrive = () => {
    const [key, side] = location.hash.slice(1).split("/");
    state.key = byKey.has(key) ? key : (seen()[0] ?? cards[0])?.key ?? "";
    state.side = side === "back" ? "back" : "front";
    document.body.classList.remove("listing");
    return show();
  };
  const flip = () => go(state.key, state.side === "back" ? "front" : "back");
  const step = (by) => {
    const shown = seen();
    const at = shown.findIndex((each) => each.key === state.key);
    const next = shown[at < 0 ? 0 : at + by];
    if (next) go(next.key);
  };

  // ---- the list
  const seen = () => cards.filter((each) => !each.out);
  const list = () => {
    rows = new Map();
    const parts = [];
    let section = "";
    let group = null;
    for (const card of cards) {
      if (card.section !== section || !group) {
        section = card.section;
        group = make("section");
        group.append(make("h2", "", section));
        parts.push(group);
      }
      const row = make("a", card.parent ? "row follow" : "row");
      row.href = `#${card.key}`;
      row.append(make("span", "title", card.title || card.key));
      const facts = make("span", "facts", [card.depth, card.kind, card.level].filter(Boolean).join(" · "));
      if (card.core) facts.prepend(make("b", "core", "核心"));
      if (card.problems) facts.append(make("b", worst(card.problems), `${card.problems.length} 个问题`));
      row.append(facts);
      rows.set(card.key, row);
      group.append(row);
    }
    $("list").replaceChildren(...parts);
    sift();
    mark(true);
  };
  const worst = (problems) => (problems.some(([severity]) => severity === "error") ? "error" : "warning");
  const mark = (centre = false) => {
    all(".row[aria-current]").forEach((each) => each.removeAttribute("aria-current"));
    const row = rows.get(state.key);
    row?.setAttribute("aria-current", "page");
    if (row && innerWidth >= 900) row.scrollIntoView({ block: centre ? "center" : "nearest" });
    const shown = seen();
    const at = shown.findIndex((each) => each.key === state.key);
    $("number").textContent = at < 0 ? "" : `${at + 1} / ${shown.length}`;
    $("before").disabled = at <= 0;
    $("after").disabled = at < 0 ? !shown.length : at === shown.length - 1;
  };

  const sift = () => {
    const words = $("query").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = FILTERS.map((name) => [name, $(name).value]).filter(([, value]) => value);
    for (const card of cards) {
      const text = proofdeck.texts?.[card.key] ?? "";
      const names = `${card.key} ${card.title} ${card.section} ${card.topic}`.toLowerCase();
      card.out = !words.every((word) => text.includes(word) || names.includes(word)) ||
        !chosen.every(([name, value]) => (card[name] ?? NONE) === value) ||
        ($("core").checked && !card.core) || ($("faulty").checked && !card.problems);
      const row = rows.get(card.key);
      if (row) row.hidden = card.out;
    }
    all("#list section").forEach((each) => (each.hidden = !each.querySelector(".row:not([hidden])")));
    const left = seen().length;
    $("count").textContent = left === cards.length ? `${left} 张卡` : left ? `${left} / ${cards.length} 张卡` : "没有符合的卡";
    mark();
  };
  let texts = null;
  const search = () => {
    texts ??= script("data/texts.js").then(sift, () => {});
    sift();
  };

  const choices = () => {
    for (const name of FILTERS) {
      const box = $(name);
      const value = box.value;
      const present = new Set(cards.map((each) => each[name]).filter(Boolean));
      const values = new Set([...(proofdeck.index.orders[name] ?? []).filter((each) => present.has(each)), ...present]);
      const options = [...values].map((each) => new Option(each, each));
      if (name === "level" && cards.some((each) => !each.level)) options.push(new Option("没有代码", NONE));
      box.replaceChildren(box.options[0], ...options);
      box.value = options.some((each) => each.value === value) ? value : "";
    }
    $("faulty-only").hidden = !cards.some((each) => each.problems);
    if ($("faulty-only").hidden) $("faulty").checked = false;
  };

  // ---- looks
  const dress = () => {
    document.body.classList.toggle("nightMode", state.night);
    document.documentElement.style.colorScheme = state.night ? "dark" : "light";
    $("night").setAttribute("aria-pressed", state.night);
    $("stage").dataset.frame = state.frame;
    all("[data-frame]").forEach((each) => each.setAttribute("aria-pressed", each.dataset.frame === state.frame));
    proofdeck.frame.night(state.night);
    try { localStorage.setItem("proofdeck-preview", JSON.stringify({ night: state.night, frame: state.frame })); } catch { /* private */ }
  };
  const look = (change) => { Object.assign(state, change); dress(); };

  // ---- keys, in the list and in the frame
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target.tagName;
    if (event.key === "Escape") { document.body.classList.remove("listing"); event.target.blur?.(); return; }
    if (/INPUT|SELECT|TEXTAREA/.test(target)) return;
    const acts = {
      j: () => step(1), ArrowRight: () => step(1), k: () => step(-1), ArrowLeft: () => step(-1), f: flip,
      o: proofdeck.frame.unfold, d: () => look({ night: !state.night }),
      p: () => look({ frame: state.frame === "phone" ? "desktop" : "phone" }),
      "/": () => { document.body.classList.add("listing"); $("query").focus(); },
    };
    const pressed = event.key === " " && /^(BUTTON|SUMMARY)$/.test(target);
    // in the frame keys scroll by themselves
    const far = event.view === window && PAGES[event.key] * (event.shiftKey ? -1 : 1);
    if (far && !pressed) acts[event.key] = () => proofdeck.frame.scroll(far);
    if (event.key === " " && state.side === "front" && !pressed) acts[" "] = flip;
    const act = acts[event.key] ?? acts[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  };

  const listen = () => {
    addEventListener("keydown", keys);
    proofdeck.frame.page.addEventListener("keydown", keys);
    // what a pointer pressed does not wait for the next key
    addEventListener("click", (event) => { if (event.detail) event.target.closest("button, .row")?.blur(); });
    addEventListener("hashchange", arrive);
    addEventListener("popstate", arrive);
    $("find").addEventListener("submit", (event) => { event.preventDefault(); $("query").blur(); step(0); });
    $("query").addEventListener("input", search);
    $("query").addEventListener("focus", search);
    [...FILTERS, "core", "faulty"].forEach((name) => $(name).addEventListener("change", sift));
    $("before").onclick = () => step(-1);
    $("after").onclick = () => step(1);
    $("flip").onclick = flip;
    $("night").onclick = () => look({ night: !state.night });
    $("menu").onclick = () => document.body.classList.add("listing");
    $("close").onclick = () => document.body.classList.remove("listing");
    all("[data-side]").forEach((each) => (each.onclick = () => go(state.key, each.dataset.side)));
    all("[data-frame]").forEach((each) => (each.onclick = () => look({ frame: each.dataset.frame })));
    $("list").addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (!row || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      go(row.getAttribute("href").slice(1));
    });
    $("link").onclick = (event) => {
      event.preventDefault();
      // what is shown, not what was asked for: a page opens at no address, or at one of a card that is gone
      navigator.clipboard?.writeText($("link").href).then(() => {
        $("link").textContent = "已复制链接";
        setTimeout(() => ($("link").textContent = state.key), 1200);
      }, () => {});
    };
  };

  const read = () => {
    cards = proofdeck.index.cards;
    byKey = new Map(cards.map((each) => [each.key, each]));
    $("version").textContent = proofdeck.index.version;
    const loose = proofdeck.index.problems;
    $("deck-problems").hidden = !loose.length;
    $("deck-problems").querySelector("summary").textContent = `${loose.length} 个问题不属于任何卡`;
    told($("deck-problems").querySelector("ul"), loose);
  };

  // after a save: new index, new texts, and the card as it now is, at the place where the reader was
  proofdeck.renew = async (changed) => {
    stamp = `?${Date.now()}`;
    proofdeck.cards = {};
    await script("data/index.js");
    if (texts) await script("data/texts.js");
    read();
    choices();
    list();
    if (byKey.has(state.key) && (changed.includes(state.key) || !changed.length)) await show(true);
    else if (changed.length && byKey.has(changed[0])) go(changed[0], state.side);
    else await (byKey.has(state.key) ? show(true) : arrive());
  };

  read();
  dress();
  listen();
  // the card first, the list when it has been painted
  arrive().catch(() => {});
  proofdeck.frame.painted.then(() => { choices(); list(); document.body.dataset.ready = "yes"; });
})();
