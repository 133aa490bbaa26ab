// The run controls on a card. It draws what Python says and asks for a cell by its id; it holds no code, no trust and
// no state of its own, since any script of any card may call it. What a cell printed only ever becomes a text node.
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

  class Panel {
    constructor(home) {
      this.id = home.dataset.cell;
      this.root = make("div", "pd-run");
      const bar = make("div", "pd-bar");
      this.button = make("button", "pd-go");
      this.button.type = "button";
      this.button.addEventListener("click", () => this.press());
      this.note = make("span", "pd-note");
      this.note.setAttribute("role", "status");
      bar.append(this.button, this.note);
      this.printed = make("div", "out pd-printed");
      this.listing = make("samp", "");
      const pre = make("pre", "");
      pre.append(this.listing);
      this.printed.append(pre);
      this.figures = make("div", "pd-figures");
      this.diff = make("div", "out wrap pd-diff");
      this.root.append(bar, this.printed, this.figures, this.diff);
      home.append(this.root);
    }

    press() {
      if (!this.button.disabled) ask(this.action === "run" ? `run:${this.id}` : this.action);
    }

    show(view) {
      // from the start of a run to its end the panel keeps the height that it had, so that nothing below it jumps
      const height = view.state === "running" ? Math.max(this.root.offsetHeight, this.height || 0) : 0;
      this.height = height;
      this.root.style.minHeight = height ? `${height}px` : "";
      this.root.dataset.state = view.state;
      this.action = view.action;
      this.button.textContent = view.button;
      this.button.title = view.title;
      this.button.disabled = !view.action;
      this.note.textContent = view.note;
      this.note.className = `pd-note ${view.tone}`;
      this.listing.replaceChildren();
      this.printed.hidden = true;
      this.print(view.printed);
      this.draw(view.figures);
      this.compare(view.diff);
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
        box.hidden = false;
      }
      if (follow) box.scrollTop = box.scrollHeight;
    }

    draw(figures) {
      this.figures.replaceChildren(
        ...figures.flatMap((figure) =>
          ["light", "dark"].map((ink) => {
            const image = make("img", ink);
            image.alt = figure.alt;
            if (figure[ink].startsWith("data:image/svg+xml")) image.src = figure[ink];
            return image;
          }),
        ),
      );
      this.figures.hidden = figures.length === 0;
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
