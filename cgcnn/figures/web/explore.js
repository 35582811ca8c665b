// Draws the maps to explore: points on a canvas, and the atoms around the point that a reader touches.
// cgcnn/figures/explorer.py writes the data of a map into its page, and says what they are.
"use strict";
(() => {
  const folder = document.currentScript?.src.replace(/[^/]*$/, "");
  const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const MARGIN = 14, REACH = 18; // pixels: around the points, and how far from a point a touch may be
  const PROJECT = "https://next-gen.materialsproject.org/materials/", OF_PROJECT = /^(mp|mvc)-\d+$/;
  const CHIPS = 18, SYMBOLS = 9, KINDS = 20; // so many kinds are named below a map; symbols and texts in chemiscope
  const BOND = 1.15; // a bond joins an atom to others up to this many times as far away as its nearest

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // With a minus sign, and commas between the thousands.
  const grouped = (value, n) => value.toLocaleString("en-US", { minimumFractionDigits: n, maximumFractionDigits: n })
    .replace(/^-/, "\u2212");

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  // The script that draws atoms is large, so that it is loaded when the first point is chosen.
  let loading;
  const loadDrawing = () => (loading ??= new Promise((resolve, reject) => {
    if (window.$3Dmol) return resolve();
    if (!element("canvas").getContext("webgl")) return reject(new Error("this browser has no WebGL"));
    const script = element("script", { src: `${folder}3Dmol-min.js` });
    script.onload = resolve;
    script.onerror = () => reject(new Error("3Dmol-min.js cannot be loaded"));
    document.head.append(script);
  }));

  class Explorer {
    constructor(root, data) {
      Object.assign(this, { root, data, chosen: -1 });
      this.build();
      this.listen();
      this.colorBy(0);
      new ResizeObserver(() => this.paint()).observe(this.canvas);
      new MutationObserver(() => this.paint()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
      root.dataset.ready = "true";
    }
    build() {
      const { data } = this, names = element("datalist", { id: `${data.id}-names` });
      this.canvas = element("canvas", { tabindex: 0, role: "application", "aria-label":
        `Map to explore: ${data.title}. ${data.x.length} points. Arrow keys go from point to point.` });
      this.canvas.style.aspectRatio = `${data.size[0] + 60} / ${data.size[1] + 60}`;
      this.select = element("select", {}, ...data.traits.map((each) => element("option", {}, each.label)));
      this.find = element("input", { type: "search", list: names.id, placeholder: data.names[0] });
      names.append(...data.names.slice(0, 2000).map((name) => element("option", { value: name })));
      this.save = element("a", { href: "#", download: `${data.id}.chemiscope.json` }, "Download for chemiscope");
      this.hover = element("p", { class: "explorer-hover" }, data.hint);
      this.legend = element("div", { class: "explorer-legend" });
      this.view = element("div", { class: "explorer-view", tabindex: 0, role: "application", "aria-label":
        "The atoms around the chosen point. Arrow keys turn them, plus and minus change their size.", hidden: "" });
      this.text = element("div", { class: "explorer-text", "aria-live": "polite" },
        element("p", {}, data.atoms ? "Choose a point to see its atoms." : "Choose a point."));
      this.other = element("button", { type: "button", hidden: "" }, "Another example");
      this.root.append(
        element("div", { class: "explorer-controls" },
          element("label", {}, "Color ", this.select), element("label", {}, "Find ", this.find), names, this.save),
        element("div", { class: `explorer-panels ${data.size[0] > 1.4 * data.size[1] ? "wide" : ""}` },
          element("div", {}, this.canvas, this.hover, this.legend),
          element("div", {}, this.view, this.text, this.other)));
      this.save.hidden = !data.atoms;
    }

    listen() {
      const { canvas, view } = this;
      canvas.addEventListener("pointermove", (event) => {
        const at = this.nearest(event);
        canvas.style.cursor = at >= 0 ? "pointer" : "";
        this.hover.textContent = at >= 0 ? this.summary(at) : this.data.hint;
      });
      canvas.addEventListener("pointerdown", (event) => this.choose(this.nearest(event)));
      canvas.addEventListener("keydown", (event) => {
        if (!(event.key in DIRECTIONS)) return;
        event.preventDefault();
        this.choose(this.chosen < 0 ? this.data.rings[0] ?? 0 : this.beside(DIRECTIONS[event.key]));
      });
      this.select.addEventListener("change", () => this.colorBy(this.select.selectedIndex));
      this.find.addEventListener("change", () => {
        const wanted = this.find.value.trim(), { names } = this.data, exact = names.indexOf(wanted);
        this.choose(exact >= 0 ? exact : names.findIndex((name) => wanted && name.includes(wanted)));
      });
      this.other.addEventListener("click", () => this.choose(this.chosen, this.example + 1));
      const file = () => URL.createObjectURL(new Blob([JSON.stringify(this.chemiscope())]));
      this.save.addEventListener("click", () => { this.save.href = file(); });
      // The page scrolls on where the pointer happens to be over the atoms.
      view.addEventListener("wheel", (event) => event.ctrlKey || event.stopImmediatePropagation(), true);
      view.addEventListener("keydown", (event) => {
        const [x, y] = DIRECTIONS[event.key] ?? [0, 0], zoom = { "+": 1.2, "-": 1 / 1.2 }[event.key] ?? 1;
        if (!this.viewer || (!x && !y && zoom === 1)) return;
        event.preventDefault();
        this.viewer.rotate(15 * (x || y), x ? "y" : "x");
        this.viewer.zoom(zoom);
        this.viewer.render();
      });
    }

    // From the units of the data to pixels of the canvas.
    place(at) {
      const { size, x, y } = this.data, { clientWidth, clientHeight } = this.canvas;
      const scale = Math.min((clientWidth - 2 * MARGIN) / size[0], (clientHeight - 2 * MARGIN) / size[1]);
      return [MARGIN + x[at] * scale, MARGIN + y[at] * scale, scale];
    }

    nearest(event) {
      let best = -1, least = Math.max(REACH, this.radius()) ** 2, { offsetX: x, offsetY: y } = event;
      for (let at = 0; at < this.data.x.length; at++) {
        const [px, py] = this.place(at), square = (px - x) ** 2 + (py - y) ** 2;
        if (square < least && this.isShown(at)) [best, least] = [at, square];
      }
      return best;
    }
    // The nearest point in a direction, where sideways counts three times.
    beside([dx, dy]) {
      let best = this.chosen, least = Infinity, { x, y } = this.data;
      for (let at = 0; at < x.length; at++) {
        const ahead = (x[at] - x[this.chosen]) * dx + (y[at] - y[this.chosen]) * dy;
        const aside = Math.abs((x[at] - x[this.chosen]) * dy + (y[at] - y[this.chosen]) * dx);
        if (ahead > 0 && this.isShown(at) && ahead + 3 * aside < least) [best, least] = [at, ahead + 3 * aside];
      }
      return best;
    }
    isShown(at) { return this.only === null || this.trait.values[at] === this.only; }
    radius() {
      const { data } = this, scale = this.place(0)[2];
      if (data.cell) return Math.max((data.cell * scale) / 2, 1);
      if (data.labels.length) return Math.min(11, this.canvas.clientWidth / 40);
      return Math.min(6, Math.max(2, 0.3 * scale * Math.sqrt((data.size[0] * data.size[1]) / data.x.length)));
    }
    color(at) {
      const { colors, kinds, values, low, high } = this.trait, value = values[at];
      if (value === null || kinds) return value === null ? this.data.unknown : colors[value];
      const share = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
      return colors[Math.round(share * (colors.length - 1))];
    }

    paint() {
      const { canvas, data } = this, brush = canvas.getContext("2d"), ratio = window.devicePixelRatio;
      [canvas.width, canvas.height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
      if (!canvas.width) return;
      brush.scale(ratio, ratio);
      const ink = getComputedStyle(canvas).color, radius = this.radius(), order = [...data.x.keys()];
      const [edge, wide] = [MARGIN - radius, 2 * radius], scale = this.place(0)[2];
      brush.fillStyle = data.ground; // where a table has no cells
      brush.fillRect(edge, edge, data.size[0] * scale + wide, data.size[1] * scale + wide);
      order.sort((one, other) => this.isShown(one) - this.isShown(other));
      for (const at of order) this.mark(brush, at, radius, ink);
      for (const at of data.rings) this.ring(brush, at, radius + 3, ink);
      if (this.chosen < 0) return;
      this.mark(brush, this.chosen, radius, ink);
      this.ring(brush, this.chosen, data.cell ? radius + 1 : radius + 5, ink);
    }
    mark(brush, at, radius, ink) {
      const [x, y] = this.place(at), { cell, labels, pale } = this.data;
      brush.globalAlpha = this.isShown(at) ? (pale[at] ? 0.45 : 1) : 0.12;
      brush.fillStyle = this.color(at);
      if (cell) brush.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
      else {
        this.ring(brush, at, radius, ink, 0.3); // dark colors stay visible on a dark page
        brush.fill();
      }
      brush.globalAlpha = 1;
      if (!labels.length || radius < 6) return;
      brush.font = `${Math.min(14, radius + 1)}px sans-serif`;
      [brush.textAlign, brush.textBaseline] = ["center", "middle"];
      const [red, green, blue] = this.color(at).match(/\w\w/g).map((part) => parseInt(part, 16));
      brush.fillStyle = 0.3 * red + 0.59 * green + 0.11 * blue > 130 ? "#000000" : "#ffffff";
      brush.fillText(labels[at], x, y);
    }
    ring(brush, at, radius, ink, width = 2) {
      [brush.strokeStyle, brush.lineWidth] = [ink, width];
      const [x, y] = this.place(at);
      brush.beginPath();
      if (this.data.cell) brush.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      else brush.arc(x, y, radius, 0, 7);
      brush.stroke();
    }
    colorBy(number) {
      Object.assign(this, { trait: this.data.traits[number], only: null });
      this.paint();
      this.legend.replaceChildren();
      const { kinds, values, colors, low, high } = this.trait;
      if (!kinds) {
        const bar = element("span", { class: "explorer-bar" });
        bar.style.background = `linear-gradient(90deg,${colors.join()})`;
        return this.legend.append(this.number(low, this.trait), bar, this.number(high, this.trait));
      }
      for (const [kind, name] of kinds.slice(0, CHIPS).entries()) {
        const count = values.filter((value) => value === kind).length, swatch = { style: `background:${colors[kind]}` };
        const chip = element("button", { type: "button" }, element("span", swatch), `${name} (${count})`);
        chip.addEventListener("click", () => {
          this.only = this.only === kind ? null : kind;
          for (const [at, each] of [...this.legend.children].entries()) each.ariaPressed = String(this.only === at);
          this.paint();
        });
        this.legend.append(chip);
      }
      if (kinds.length > CHIPS) this.legend.append(`and ${kinds.length - CHIPS} more`);
    }
    number(value, { digits, unit }) { return `${grouped(value, digits)} ${unit}`.trim(); }
    summary(at) { return `${this.data.names[at]}: ${this.trait.label} ${this.value(at, this.trait)}`; }
    value(at, trait) {
      const value = trait.values[at];
      return value === null ? "not known" : trait.kinds ? trait.kinds[value] : this.number(value, trait);
    }

    choose(at, example = 0) {
      if (at < 0) return;
      const { data } = this, list = element("dl");
      const [first, end] = data.atoms ? data.atoms.of_point.slice(at, at + 2) : [0, 0];
      Object.assign(this, { chosen: at, example: end > first ? example % (end - first) : 0 });
      this.other.hidden = end - first < 2;
      for (const trait of data.traits)
        list.append(element("div", {}, element("dt", {}, trait.label), element("dd", {}, this.value(at, trait))));
      this.text.replaceChildren(element("p", {}, element("strong", {}, data.names[at])), list);
      this.view.hidden = end === first;
      if (end > first) this.showAtoms(first + this.example);
      this.paint();
    }
    atoms(example) {
      const { first, elements, places, nearest, symbols } = this.data.atoms, atoms = [];
      for (let at = first[example]; at < first[example + 1]; at++) {
        const [x, y, z] = places.slice(3 * at, 3 * at + 3).map((each) => each / 100);
        atoms.push({ elem: symbols[elements[at]], x, y, z, nearest: nearest[at] / 100, bonds: [], bondOrder: [] });
      }
      return atoms;
    }
    async showAtoms(example) {
      const { names, crystals, radius } = this.data.atoms, atoms = this.atoms(example), chosen = this.chosen;
      const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
      const nearest = atoms.length > 1 ? `, the nearest at ${far(atoms[0], atoms[1]).toFixed(2)}\u00a0\u00c5` : "";
      const own = this.data.names[chosen], begin = names[example] === own ? "" : `${names[example]}: `;
      const line = element("p", {}, `${begin}${atoms.length - 1} atoms within ${radius} \u00c5${nearest}.`);
      const id = crystals[example], link = element("a", { href: PROJECT + id }, `${id} in the Materials Project`);
      if (OF_PROJECT.test(id)) line.append(" ", link);
      this.text.children[0].after(line);
      for (const [i, a] of atoms.entries()) for (const [j, b] of atoms.entries())
        if (i !== j && far(a, b) <= BOND * Math.max(a.nearest, b.nearest)) a.bonds.push(j), a.bondOrder.push(1);
      try {
        await loadDrawing();
        this.viewer ??= window.$3Dmol.createViewer(this.view, { disableFog: true });
        this.viewer.setBackgroundColor("black", 0); // the color of the page
        if (chosen !== this.chosen) return;
        this.viewer.clear();
        this.viewer.addModel().addAtoms(atoms);
        const colorscheme = "Jmol", stick = { radius: 0.07, colorscheme };
        this.viewer.setStyle({}, { sphere: { scale: 0.25, colorscheme }, stick });
        this.viewer.setStyle({ index: 0 }, { sphere: { scale: 0.33, color: this.data.center }, stick });
        this.viewer.resize().zoomTo().render();
        this.view.dataset.shown = this.data.names[chosen];
      } catch (error) {
        this.view.hidden = true;
        line.append(` The atoms cannot be drawn here (${error?.message ?? error}).`);
      }
    }

    // The input of chemiscope (https://chemiscope.org/docs): one structure per example, and the traits of its center.
    chemiscope() {
      const { data } = this, { of_point: first, radius, crystals: ids } = data.atoms;
      const owners = data.x.flatMap((_, at) => Array(first[at + 1] - first[at]).fill(at));
      const properties = {}, numbers = ids.map((id) => (OF_PROJECT.test(id) ? Number(id.split("-")[1]) : 0));
      const put = (name, units, of) => (properties[name] = { target: "atom", units, values: owners.map(of) });
      // It takes no missing values, and no texts of more than KINDS kinds, as ids would be.
      const whole = data.traits.filter(({ kinds, values }) => !values.includes(null) && !(kinds?.length > KINDS));
      for (const { label, unit, kinds, values } of whole)
        put(label, unit || undefined, (at) => (kinds ? kinds[values[at]] : values[at]));
      put("map 1", undefined, (at) => data.x[at]), put("map 2", undefined, (at) => -data.y[at]);
      const structures = owners.map((_, example) => {
        const atoms = this.atoms(example), all = (name) => atoms.map((atom) => atom[name]);
        return { size: atoms.length, names: all("elem"), x: all("x"), y: all("y"), z: all("z") };
      });
      const environments = owners.map((_, structure) => ({ structure, center: 0, cutoff: radius }));
      // Its colors are those of numbers. Kinds have symbols, if there are not too many.
      const { label = "map 1", low, high } = whole.find(({ kinds }) => !kinds) ?? {};
      const color = { property: label, min: low, max: high, palette: low === -high ? "seismic" : "viridis" };
      const symbol = whole[0]?.kinds?.length <= SYMBOLS ? whole[0].label : "";
      const settings = { target: "atom", map: { x: { property: "map 1" }, y: { property: "map 2" }, symbol, color } };
      const description = numbers.some(Boolean) ? `Number 149 in the Materials Project is ${PROJECT}mp-149.` : "";
      if (description) properties["number in the Materials Project"] = { target: "structure", values: numbers };
      return { meta: { name: data.title, description }, structures, properties, environments, settings };
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const root of document.querySelectorAll(".explorer"))
      unpack(root.querySelector("script").textContent).then((data) => new Explorer(root, data));
  });
})();
