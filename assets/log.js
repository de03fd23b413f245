/* The log: its table, its filters, a sample's story. */
(function (sluice) {
  "use strict";

  const { $, props, node, fresh } = sluice;

  // The table component is large and only the log shows it: fetched when first painted.
  (function () {
    if (window.dash_ag_grid) return;
    const file = "/_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js";
    function fetched() {
      return new Promise(function (done, failed) {
        const script = node("script", { src: file });
        script.onload = done;
        script.onerror = () => failed(new Error("The table could not be loaded; reload the page."));
        document.head.append(script);
      });
    }
    const Table = window.React.lazy(() => fetched().then(function () {
      const real = window.dash_ag_grid;
      window.dash_ag_grid = Object.assign({}, real, { AgGrid: Later }); // the same component stays
      return { default: real.AgGrid };
    }));
    function Later(given) {
      return window.React.createElement(window.React.Suspense, { fallback: null }, window.React.createElement(Table, given));
    }
    Later.dashRenderType = true; // as the component has it: it is told why it is painted
    window.dash_ag_grid = { AgGrid: Later };
  })();

  function story(row) {
    const position = row.getAttribute("row-id");
    if (!/^\d+$/.test(position || "") || $("log-sheet").open) return;
    props("log-story", { children: null });
    props("log-wish", { data: { do: "look", experiment: $("log-filters").dataset.experiment, position: Number(position), nonce: fresh() } });
    $("log-sheet").showModal();
  }

  document.addEventListener("click", function (event) {
    const target = event.target;
    const link = target.closest("#frame-nav a.page");
    if (link && link.pathname === window.location.pathname && $("log-filters") || target.closest("#log-clear")) clear();
    const order = target.closest("#log-orders button");
    if (order) sortBy(order.dataset.sort);
    const row = target.closest("#log-grid .ag-center-cols-container .ag-row");
    if (row && !String(getSelection())) story(row);
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.repeat || !event.target.closest) return;
    const row = event.target.closest("#log-grid .ag-center-cols-container .ag-row");
    if (row) story(row);
  });

  document.addEventListener("submit", function (event) {
    if (event.target.id === "log-filters") { event.preventDefault(); filter(); }
  });

  let waiting = 0;
  document.addEventListener("input", function (event) {
    if (!event.target.closest || !event.target.closest("#log-filters")) return;
    clearTimeout(waiting);
    waiting = setTimeout(filter, event.target.tagName === "SELECT" ? 0 : 250);
  });

  function filter() {
    clearTimeout(waiting);
    const form = $("log-filters");
    if (!form) return;
    const params = {};
    for (const [name, value] of Object.entries(sluice.typed(form))) if (value.trim()) params[name] = value.trim();
    const shown = { experiment: form.dataset.experiment, table: form.dataset.table };
    props("log-shown", { data: Object.assign({ params: params }, shown) });
    const sort = new URL(window.location.href).searchParams.get("sort");
    address(Object.assign(place(form), params, sort ? { sort: sort } : {}));
    const api = grid();
    if (api) { doubt(api, params.suspected === "true"); api.purgeInfiniteCache(); api.ensureIndexVisible(0); }
  }

  // Suspected mistakes have a column of their own, and stand in its order.
  function doubt(api, wanted) {
    if (!api.getColumn("likelihood") || api.getColumn("likelihood").isVisible() === wanted) return;
    const state = [{ colId: "likelihood", hide: !wanted, sort: wanted ? "asc" : null }];
    api.applyColumnState({ state: wanted ? state : state.concat({ colId: "labeled_at", sort: "desc" }), defaultState: { sort: null } });
  }

  function clear() {
    $("log-filters").querySelectorAll("input").forEach((field) => props(field.id, { value: "" }));
    $("log-filters").querySelectorAll("select").forEach((field) => { field.value = ""; });
    setTimeout(filter, 50); // once the fields have been painted empty
  }

  // A page of one table does not name it in its address.
  function place(form) {
    const here = { experiment: form.dataset.experiment };
    return form.dataset.table === "skipped" ? here : Object.assign(here, { table: form.dataset.table });
  }

  function sortBy(sort) {
    const api = grid();
    const column = { colId: sort.replace(/^-/, ""), sort: sort[0] === "-" ? "desc" : "asc" };
    if (api) { api.applyColumnState({ state: [column], defaultState: { sort: null } }); api.ensureIndexVisible(0); }
  }

  function address(values) {
    const made = new URL(window.location.href);
    made.search = new URLSearchParams(values).toString();
    history.replaceState(history.state, "", made);
  }

  function grid() {
    try { return window.dash_ag_grid.getApi("log-grid"); } catch (e) { return null; } // not there yet
  }

  const narrowed = new WeakSet(); // grids fitted to a phone
  let corrected = null;
  function logMoved(head, changed) {
    const mine = changed !== corrected;
    corrected = changed;
    // The story was painted anew around what had the focus.
    if (mine && $("log-sheet").open) setTimeout(() => { const pressed = document.querySelector(".choice[aria-pressed='true']") || document.querySelector(".choice"); if (pressed && document.activeElement === document.body) pressed.focus(); }, 60);
    if (document.querySelector(".log-page > .empty")) { window.location.reload(); return ""; }
    const api = grid();
    // Rows do not move under the eyes of someone who scrolled to them, unless they did it.
    if (api && (mine || api.getVerticalPixelRange().top < 40)) api.refreshInfiniteCache();
    return head || "";
  }

  function logSorted(request) {
    const first = request && request.sortModel && request.sortModel[0];
    if (!first || !$("log-filters")) return window.dash_clientside.no_update;
    const sort = (first.sort === "desc" ? "-" : "") + first.colId;
    const api = grid();
    if (api && innerWidth < 760 && !narrowed.has(api)) { narrowed.add(api); api.setColumnWidths([{ key: "text", newWidth: 200 }]); }
    document.querySelectorAll("#log-orders button").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.sort === sort)));
    const form = $("log-filters");
    const usual = form.dataset.table === "labels" ? "-labeled_at" : "-position";
    const now = Object.fromEntries(new URL(window.location.href).searchParams);
    delete now.sort;
    address(Object.assign(now, place(form), sort === usual ? {} : { sort: sort }));
    sluice.links(form.dataset.experiment);
    return sort;
  }

  Object.assign(sluice, { logMoved, logSorted });
})(window.dash_clientside.sluice);
