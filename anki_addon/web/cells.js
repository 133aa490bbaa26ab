// The run controls on a card. It draws what Python says and asks for a cell by its id; it holds no code, no trust and
// no state of its own, since any script of any card may call it. What a cell printed only ever becomes a text node, and
// what it drew an image that runs nothing.
(() => {
  "use strict";
  if (window.proofdeck) return;

  const ask = (message, then) => pycmd(`proofdeck:${message}`, then);
  const homes = () => [...document.querySelectorAll("#qa .cell[data-cell]")];
  const panels = (id) => homes().filter((home) => home.dataset.cell === id).map((home) => home.panel).filter(Boolean);

  function make(tag, name, text) {
    const element = document.createElement(tag);
    element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function picture(svg) {
    const bytes = new TextEncoder().encode(svg);
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return `data:image/svg+xml;base64,${btoa(text)}`;
  }

  class Panel {
    constructor(home) {
      this.id = home.dataset.cell;
      this.bar();
      this.results();
      // beside the code that it runs, above what the card has recorded
      const recorded = [...home.children].find((child) => child.matches(".out, .badge") || child.querySelector(".out"));
      home.insertBefore(this.root, recorded || null);
      if (recorded && !recorded.matches(".badge")) home.insertBefore(this.before, recorded);
      home.append(this.shown);
    }

    bar() {
      this.root = make("div", "pd-run");
      this.button = make("button", "pd-go");
      this.button.type = "button";
      this.button.addEventListener("click", () => this.press());
      const told = make("div", "pd-told");
      this.note = make("span", "pd-note");
      this.note.setAttribute("role", "status");
      this.clock = make("span", "pd-clock");
      this.clock.setAttribute("aria-hidden", "true");
      told.append(this.note, this.clock);
      this.root.append(this.button, told);
    }

    results() {
      this.shown = make("div", "pd-shown");
      this.before = make("div", "pd-label");
      this.label = make("div", "pd-label");
      this.printed = make("div", "out pd-printed");
      this.printed.tabIndex = 0;
      this.printed.setAttribute("role", "group");
      this.listing = make("samp", "");
      const pre = make("pre", "");
      pre.append(this.listing);
      this.printed.append(pre);
      this.figures = make("details", "pd-figures");
      this.diff = make("div", "out wrap pd-diff");
      this.shown.append(this.label, this.printed, this.figures, this.diff);
    }

    press() {
      if (!this.button.disabled) ask(this.action === "run" ? `run:${this.id}` : this.action);
    }

    show(view) {
      // from the start of a run to its end the panel keeps the height that it had, so that nothing below it jumps
      const height = view.state === "running" ? Math.max(this.shown.offsetHeight, this.height || 0) : 0;
      this.height = height;
      this.shown.style.minHeight = height ? `${height}px` : "";
      this.root.dataset.state = view.state;
      this.action = view.action;
      this.button.textContent = view.button;
      this.button.title = view.title;
      this.button.setAttribute("aria-label", `${view.button.replace(/^[▶■] /u, "")} · ${this.id}`);
      this.button.disabled = !view.action;
      const parts = view.note.map(([tone, text]) => make("span", tone, text));
      this.note.replaceChildren(...parts.flatMap((part, at) => (at ? [" · ", part] : [part])));
      this.count(view.clock);
      this.listing.replaceChildren();
      this.before.textContent = view.names.recorded;
      this.label.textContent = view.names.now;
      this.printed.setAttribute("aria-label", `${view.names.now} · ${this.id}`);
      this.reveal(false);
      this.print(view.printed);
      this.frame(view.figures);
      this.compare(view.diff);
    }

    /** Count the seconds on, so that what takes long is seen to go on. */
    count(clock) {
      clearInterval(this.ticking);
      this.clock.textContent = "";
      if (!clock) return;
      const began = performance.now() - 1000 * clock.passed;
      this.ticking = setInterval(() => {
        const passed = Math.floor((performance.now() - began) / 1000);
        if (!this.root.isConnected) clearInterval(this.ticking);
        if (passed >= 1) this.clock.textContent = ` ${clock.unit.replace("%d", passed)}`;
      }, 250);
    }

    reveal(seen) {
      for (const part of [this.before, this.label, this.printed]) part.hidden = !seen;
    }

    print(parts) {
      const box = this.printed;
      const follow = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
      for (const [stream, text] of parts) {
        let last = this.listing.lastElementChild;
        if (last === null || last.dataset.stream !== stream) {
          last = make("span", "", "");
          last.dataset.stream = stream;
          last.append(document.createTextNode(""));
          this.listing.append(last);
        }
        last.firstChild.appendData(text);
        if (box.hidden) this.reveal(true);
      }
      if (follow) box.scrollTop = box.scrollHeight;
    }

    /** Room for figures, which come in pieces. */
    frame({ title, alts, fold }) {
      this.alts = alts;
      this.pieces = alts.map(() => "");
      this.figures.replaceChildren(make("summary", "", title), ...alts.map(() => make("figure", "")));
      this.figures.open = !fold;
      this.figures.hidden = alts.length === 0;
    }

    /** A piece of a figure; with the last one come the colours of day and night that its sentinels stand for. */
    draw(number, piece, inks) {
      if (!(number in this.pieces)) return;
      this.pieces[number] += piece;
      if (!inks) return;
      const figure = this.figures.querySelectorAll("figure")[number];
      const images = Object.entries(inks).map(([ink, colours]) => {
        const svg = Object.entries(colours).reduce(
          (text, [sentinel, colour]) => text.replace(new RegExp(sentinel, "gi"), colour), this.pieces[number]);
        const image = make("img", ink);
        image.alt = this.alts[number];
        image.src = picture(svg);
        return image;
      });
      figure.replaceChildren(...images);
      this.pieces[number] = "";
    }

    compare(rows) {
      const names = { "-": "minus", "+": "plus", "": "legend" };
      const pre = make("pre", "");
      pre.append(...rows.map(([sign, text]) => make("span", names[sign] || "", `${sign && `${sign} `}${text}\n`)));
      this.diff.replaceChildren(pre);
      this.diff.hidden = rows.length === 0;
    }
  }

  window.proofdeck = {
    /** Called whenever a side of a card is shown: ask what is known of its cells. */
    attach() {
      if (homes().length) ask("state", (views) => this.show(views || {}));
    },

    /** Draw what is known of some cells, or of every one (`*`); a cell that Python does not name gets no controls. */
    show(views) {
      for (const home of homes()) {
        const view = views[home.dataset.cell] || views["*"];
        if (!view) continue;
        home.panel = home.panel || new Panel(home);
        home.panel.show(view);
      }
    },

    /** Add to what a running cell has printed. */
    print(id, parts) {
      for (const panel of panels(id)) panel.print(parts);
    },

    /** Add to a figure of a cell. */
    draw(id, number, piece, inks) {
      for (const panel of panels(id)) panel.draw(number, piece, inks);
    },

    /** What the keyboard shortcut does: press the button that has the focus, else the first one in sight. */
    press() {
      const all = homes().map((home) => home.panel).filter(Boolean);
      const seen = (panel) => {
        const { top, bottom } = panel.button.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
      };
      const panel =
        all.find((each) => each.button === document.activeElement) ||
        all.find((each) => each.root.dataset.state === "running") ||
        all.find(seen) || all[0];
      if (panel) {
        panel.root.scrollIntoView({ block: "nearest" });
        panel.press();
      }
    },
  };
})();
