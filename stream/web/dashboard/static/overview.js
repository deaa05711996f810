// The table of all brands. Rows come from /dashboard/rows, which the server prepares once for everybody; after
// the first answer only rows that changed, once a second. Cells are drawn as nodes, never as HTML: names are text.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PHONE = window.matchMedia("(max-width: 720px)");
  const REFRESH_MS = 1000;
  const ORDERS = { critical: 3, warning: 2, notice: 1 };
  const state = { api: null, window: "24h", query: "", version: null, rows: new Map(), timer: null, sort: "alerts" };

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const draw = (tag, attributes) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const picture = (width, height, label, className) => {
    const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" });
    svg.setAttribute("aria-label", label);
    if (className) svg.setAttribute("class", className);
    return svg;
  };
  const signed = (value) => (value < 0 ? "\u2212" : "+") + Math.abs(value).toFixed(2);
  const whole = (value) => value.toLocaleString("en");
  const address = (row) => `/brand?key=${encodeURIComponent(row.key)}&window=${state.window}`;

  // A dot with whiskers on the scale from -1 to +1; hollow and grey where there is too little to judge by.
  const whiskers = (row) => {
    const svg = draw("svg", { role: "img", width: "100%", height: "22" });
    svg.setAttribute("aria-label", row.net === null ? "no reviews" : `net sentiment ${signed(row.net)}, 95 % interval ${signed(row.low)} to ${signed(row.high)}${row.enough ? "" : ", too few reviews to judge by"}`);
    const at = (value) => `${(2 + 96 * (value + 1) / 2).toFixed(2)}%`;
    svg.append(draw("line", { x1: "2%", x2: "98%", y1: 11, y2: 11, stroke: "var(--line)" }));
    svg.append(draw("line", { x1: "50%", x2: "50%", y1: 4, y2: 18, stroke: "var(--line)" }));
    if (row.net === null) return svg;
    const colour = row.enough ? (row.low > 0 ? "var(--positive)" : row.high < 0 ? "var(--negative)" : "var(--ink)") : "var(--muted)";
    svg.append(draw("line", { x1: at(row.low), x2: at(row.high), y1: 11, y2: 11, stroke: colour, "stroke-width": 2, ...(row.enough ? {} : { "stroke-dasharray": "2 3" }) }));
    for (const end of [row.low, row.high]) svg.append(draw("line", { x1: at(end), x2: at(end), y1: 7, y2: 15, stroke: colour, "stroke-width": 2 }));
    svg.append(draw("circle", { cx: at(row.net), cy: 11, r: 4.5, fill: row.enough ? colour : "var(--surface)", stroke: colour, "stroke-width": 1.5 }));
    return svg;
  };
  const net = (row) => {
    const cell = element("div", "bp-cell-net");
    if (row.net === null) cell.append(element("span", "bp-few", "none"));
    else if (row.enough) cell.append(element("b", "", signed(row.net)));
    else cell.append(element("span", "bp-few", "too few"));
    cell.append(whiskers(row));
    if (row.net !== null) cell.append(element("small", "", `${signed(row.low)} to ${signed(row.high)}`));
    return cell;
  };
  // Reviews by minute or hour; the negative ones stand dark at the bottom.
  const spark = (row) => {
    const most = Math.max(1, ...row.all);
    const svg = picture(row.all.length * 4, 26, `reviews over time, at most ${whole(most)} in one step, negative ones marked`, "bp-spark");
    row.all.forEach((count, index) => {
      const tall = (count / most) * 24;
      const negative = (row.negative[index] / most) * 24;
      if (count) svg.append(draw("rect", { x: index * 4, y: 25 - tall, width: 3, height: tall, fill: "var(--neutral)", opacity: 0.55 }));
      if (negative) svg.append(draw("rect", { x: index * 4, y: 25 - negative, width: 3, height: negative, fill: "var(--negative)" }));
    });
    svg.append(draw("rect", { x: 0, y: 25, width: row.all.length * 4, height: 1, fill: "var(--line)" }));
    return svg;
  };
  const change = (row) => {
    if (row.change === null) return element("span", "bp-few", "");
    const cell = element("span", row.clear ? "bp-change" : "bp-change unclear");
    const arrow = row.clear ? (row.change > 0 ? "\u25b2 " : "\u25bc ") : "";
    cell.append(element("b", "", arrow + signed(row.change)));
    cell.append(element("small", "", `${signed(row.change_low)} to ${signed(row.change_high)}`));
    cell.title = row.clear ? "Net sentiment, last 24 hours against the 7 days before, with its 95 % interval" : "Not clear: the 95 % interval includes no change";
    return cell;
  };
  const SHAPES = { critical: "M7 0 14 7 7 14 0 7Z", warning: "M7 1 14 13 0 13Z", notice: "M7 1a6 6 0 1 0 .01 0Z" };
  const alerts = (row) => {
    if (!row.alerts) return element("span", "");
    const cell = element("span", `bp-severity ${row.severity}`);
    const svg = draw("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" });
    svg.append(draw("path", { d: SHAPES[row.severity], fill: "currentColor" }));
    cell.append(svg, element("span", "", row.alerts > 1 ? `${row.alerts} ${row.severity}` : row.severity));
    return cell;
  };
  const name = (row) => {
    const link = element("a", "bp-cell-name", row.brand);
    link.href = address(row);
    link.tabIndex = -1; // the grid's own keys reach the cell, Enter follows the link
    link.title = row.brand;
    return link;
  };
  const card = (row) => {
    const cell = element("div", "bp-card-row");
    cell.append(name(row), alerts(row));
    const wide = element("div", "wide");
    wide.append(net(row));
    const volume = element("span", "muted small", `${whole(row.volume)} reviews`);
    cell.append(wide, volume, change(row));
    return cell;
  };

  const column = (id, title, render, comparator, more) => ({
    colId: id, headerName: title, valueGetter: ({ data }) => data, comparator: (a, b) => comparator(a, b),
    equals: (a, b) => a === b, cellRenderer: ({ data }) => render(data), sortable: true, resizable: false,
    suppressHeaderMenuButton: true, suppressMovable: true, ...more,
  });
  const least = -2;
  const by = {
    name: (a, b) => a.brand.localeCompare(b.brand),
    net: (a, b) => (a.net ?? least) - (b.net ?? least),
    volume: (a, b) => a.volume - b.volume,
    change: (a, b) => (a.change ?? least) - (b.change ?? least),
    alerts: (a, b) => (ORDERS[a.severity] ?? 0) - (ORDERS[b.severity] ?? 0) || a.alerts - b.alerts || a.volume - b.volume,
  };
  const columns = () => [
    column("card", "Brands", card, by.alerts, { hide: !PHONE.matches, flex: 1, sortable: false }),
    column("name", "Brand", name, by.name, { hide: PHONE.matches, flex: 2, minWidth: 140 }),
    column("net", "Net sentiment, 95 % interval", net, by.net, { hide: PHONE.matches, flex: 2.4, minWidth: 190, sortingOrder: ["asc", "desc"] }),
    column("volume", "Reviews", (row) => element("span", "bp-cell-number", whole(row.volume)), by.volume, { hide: PHONE.matches, width: 104, type: "rightAligned", sortingOrder: ["desc", "asc"] }),
    column("spark", "Over time", spark, by.volume, { hide: PHONE.matches, flex: 1.4, minWidth: 130, sortable: false }),
    column("change", "Change, 24 h against 7 d", change, by.change, { hide: PHONE.matches, width: 236, sortingOrder: ["asc", "desc"] }),
    column("alerts", "Open alerts", alerts, by.alerts, { hide: PHONE.matches, width: 140, sort: "desc", sortingOrder: ["desc", "asc"] }),
  ];
  // On a phone one column shows it all; what it is sorted by is chosen above the table.
  const layout = () => {
    const phone = PHONE.matches;
    state.api.setGridOption("rowHeight", phone ? 96 : 46);
    state.api.setGridOption("headerHeight", phone ? 0 : 40);
    state.api.setColumnsVisible(["card"], phone);
    state.api.setColumnsVisible(["name", "net", "volume", "spark", "change", "alerts"], !phone);
    state.api.resetRowHeights();
  };
  const sortBy = (what) => {
    const sort = what === "name" || what === "net" || what === "change" ? "asc" : "desc";
    state.api.applyColumnState({ state: [{ colId: what, sort }], defaultState: { sort: null } });
  };

  const show = (id, text) => {
    const target = document.getElementById(id);
    if (target && target.textContent !== text) target.textContent = text;
  };
  const tell = (answer) => {
    const few = answer.shown < answer.matching;
    show("bp-shown", few ? `Shown: the ${whole(answer.shown)} brands with alerts or most reviews. Search finds the others.` : state.query ? `${whole(answer.matching)} of them match` : "");
    show("bp-total-brands", whole(answer.total));
    show("bp-total-reviews", whole(answer.reviews));
    show("bp-total-alerts", whole(answer.alerts));
    document.getElementById("bp-no-brands")?.toggleAttribute("hidden", answer.total > 0);
    document.getElementById("bp-no-match")?.toggleAttribute("hidden", answer.total === 0 || state.rows.size > 0);
    document.getElementById("bp-grid-box")?.toggleAttribute("hidden", state.rows.size === 0);
  };
  const take = (answer) => {
    if (answer.complete) {
      state.rows = new Map(answer.rows.map((row) => [row.key, row]));
      state.api.setGridOption("rowData", answer.rows);
    } else if (answer.rows.length || answer.gone.length) {
      const update = answer.rows.filter((row) => state.rows.has(row.key));
      const add = answer.rows.filter((row) => !state.rows.has(row.key));
      const remove = answer.gone.filter((key) => state.rows.has(key)).map((key) => ({ key }));
      for (const row of answer.rows) state.rows.set(row.key, row);
      for (const { key } of remove) state.rows.delete(key);
      state.api.applyTransaction({ add, update, remove });
    }
    state.version = answer.version;
    tell(answer);
  };
  const refresh = async () => {
    clearTimeout(state.timer);
    const asked = new URLSearchParams({ window: state.window });
    if (state.query) asked.set("q", state.query);
    if (state.version !== null) asked.set("since", state.version);
    const key = `${state.window} ${state.query}`;
    try {
      const answer = await fetch(`/dashboard/rows?${asked}`);
      if (answer.redirected || answer.status === 401) return window.location.reload(); // to the login
      const found = answer.ok ? await answer.json() : null;
      if (found && key === `${state.window} ${state.query}`) take(found);
    } catch {
      // The frame says that the server is away; the next round asks again.
    }
    state.timer = setTimeout(refresh, document.hidden ? 5 * REFRESH_MS : REFRESH_MS);
  };
  const restart = () => {
    state.version = null;
    refresh();
  };
  const choose = (chosen) => {
    state.window = chosen;
    for (const button of document.querySelectorAll("[data-window]")) {
      button.setAttribute("aria-pressed", String(button.dataset.window === chosen));
    }
    history.replaceState(history.state, "", `?window=${chosen}`);
    restart();
  };

  window.brandpulse.overview = {
    columns,
    ready({ api }) {
      state.api = api;
      const asked = new URLSearchParams(window.location.search).get("window");
      if ([...document.querySelectorAll("[data-window]")].some((button) => button.dataset.window === asked)) {
        state.window = asked;
      }
      layout();
      PHONE.addEventListener("change", layout);
      const search = document.querySelector("#app [data-search]");
      let pause;
      search?.addEventListener("input", () => {
        clearTimeout(pause);
        pause = setTimeout(() => {
          state.query = search.value.trim();
          restart();
        }, 150);
      });
      document.querySelector("[data-sort]")?.addEventListener("change", (event) => sortBy(event.target.value));
      for (const button of document.querySelectorAll("[data-window]")) {
        button.addEventListener("click", () => choose(button.dataset.window));
      }
      choose(state.window);
    },
    open: (row) => window.location.assign(address(row)),
  };
})();
