/* What a round trip would spoil: keys, focus, painting the next sample, the theme.
   One namespace, no build step. The server's replies are plain data; nothing here knows a truth. */
(function () {
  "use strict";

  const ready = 150; // ms a sample has to be on the screen before a press counts
  const patience = 4000; // ms without a reply before an answer is sent again
  const pollEvery = 300; // ms between looks at a running job
  const store = { get: read, set: write };
  const state = { view: null, shownAt: 0, shown: null, n: 0, wish: null, timer: 0, poll: 0, asked: {} };

  const $ = (id) => document.getElementById(id);
  const props = (id, values) => window.dash_clientside.set_props(id, values);
  const number = new Intl.NumberFormat("en-US");
  const percent = (x, digits) => (100 * x).toFixed(digits === undefined ? 2 : digits) + "%";

  function read(key) {
    try { return localStorage.getItem("sluice:" + key); } catch (e) { return null; }
  }
  function write(key, value) {
    try { localStorage.setItem("sluice:" + key, value); } catch (e) { /* private window */ }
  }

  function fresh() {
    if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  function node(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "class") made.className = value;
      else if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    for (const child of children) if (child !== null) made.append(child);
    return made;
  }

  /* Sending: one wish at a time, sent again with the same key until a reply comes. --------- */

  function send(wish) {
    state.n += 1;
    state.wish = Object.assign({ n: state.n, slug: state.view ? state.view.slug : "" }, wish);
    dispatch(state.wish, 1);
  }

  // The page's one callback, called as Dash's renderer calls it, but without the renderer's two
  // trips through its store, which take longer than the server's work.
  function call(wish) {
    const prefix = JSON.parse($("_dash-config").textContent).requests_pathname_prefix || "/";
    const body = {
      output: "label-reply.data", outputs: { id: "label-reply", property: "data" },
      inputs: [{ id: "label-outbox", property: "data", value: wish }],
      changedPropIds: ["label-outbox.data"], parsedChangedPropsIds: ["label-outbox.data"],
    };
    return fetch(prefix + "_dash-update-component", {
      method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    }).then((reply) => {
      if (!reply.ok) throw new Error("the server answered " + reply.status);
      return reply.json();
    }).then((reply) => reply.response["label-reply"].data);
  }

  function dispatch(wish, attempt) {
    let settled = false;
    const again = (why, wait) => {
      if (settled || state.wish !== wish) return;
      settled = true;
      clearTimeout(state.timer);
      if (wish.do !== "look") status("error", "Not saved yet: " + why);
      state.timer = setTimeout(() => { if (state.wish === wish) dispatch(wish, attempt + 1); }, wait);
    };
    clearTimeout(state.timer);
    state.timer = setTimeout(() => again("the server does not answer, sending again", 0), patience * Math.min(attempt, 4));
    call(wish).then(
      (view) => { if (!settled && state.wish === wish) { settled = true; paint(view); } },
      (error) => again(error.message.startsWith("the server") ? error.message + ", sending again" : "the server cannot be reached, trying again", Math.min(500 * attempt, 4000)));
  }

  const busy = () => state.wish !== null && state.wish.do !== "look";

  function answer(label) {
    const query = state.view && state.view.query;
    if (!query || busy() || state.view.state !== "ready") return;
    const waited = performance.now() - state.shownAt;
    if (waited < ready || state.view.classes[label] === undefined && label !== null) return;
    clearTimeout(state.poll);
    send({
      do: label === null ? "pass" : "answer", position: query.position, label: label,
      key: state.shown, milliseconds: Math.round(waited),
    });
    status("ready", "Saving");
    $("label-answers").querySelectorAll("button").forEach((b, i) => b.classList.toggle("pressed", i === label));
  }

  function undo() {
    const last = state.view && state.view.last;
    if (!last || busy() || state.view.job) return;
    send({ do: "undo", target: last.seq, key: fresh() });
  }

  function start(kind, count) {
    // The nonce keeps two pages from sharing a result.
    $("label-progress").hidden = false;
    $("label-progress-text").textContent = "Starting";
    $("label-progress-bar").removeAttribute("value");
    props("frame-job-request", {
      data: { kind: kind, slug: state.view.slug, count: count || null, nonce: fresh() },
    });
    state.poll = setTimeout(look, pollEvery);
  }

  function look() {
    clearTimeout(state.poll);
    if ($("label-root") && !state.wish) send({ do: "look" });
    else if ($("label-root")) state.poll = setTimeout(look, pollEvery);
  }

  /* Painting --------------------------------------------------------------------------- */

  function paint(view) {
    if (!view || !$("label-root")) return window.dash_clientside.no_update;
    if (view.n !== undefined && state.wish && view.n < state.wish.n) return window.dash_clientside.no_update;
    clearTimeout(state.timer);
    clearTimeout(state.poll);
    state.wish = null;
    const before = state.view;
    state.view = view;
    paintSample(view, before);
    paintFrame(view);
    paintStrip(view);
    if (!before) paintKeys();
    else paintAnswers(view);
    paintFinished(view);
    // What is read after the next sample is painted after it.
    if (before && before.query && view.query) requestAnimationFrame(() => setTimeout(() => { if (state.view === view) paintRest(view); }));
    else paintRest(view);
    follow(view);
    return view.n || 0;
  }

  function paintRest(view) {
    if (!$("label-root")) return;
    remember(view);
    paintLast(view);
    paintRecent(view);
  }

  function remember(view) {
    if (!view.slug) return;
    const address = new URL(window.location.href);
    if (address.searchParams.get("experiment") !== view.slug) {
      address.searchParams.set("experiment", view.slug);
      history.replaceState(history.state, "", address);
    }
    links(view.slug);
  }

  function paintFrame(view) {
    pick(view);
    show("label-note", view.note);
    show("label-trouble", [view.trouble, view.notice].filter(Boolean).join(" "));
    if (view.offer) {
      const go = node("button", { type: "button", class: "quiet" }, "Continue");
      go.onclick = () => { go.disabled = true; start(view.offer); };
      $("label-trouble").append(" ", go);
    }
    if (view.missing) $("label-trouble").append(" ", node("a", { href: "/" }, "Open the one used last"));
    const words = { ready: "Saved", scanning: "Scanning", warming: "Warming up", exhausted: "Saved", error: view.query ? "Saved" : "Stopped" };
    status(view.state, words[view.state] || view.state);
    const job = view.job;
    $("label-progress").hidden = !(job || view.start);
    if (job || view.start) {
      const bar = $("label-progress-bar");
      const total = job ? job.total : 0;
      $("label-progress-text").textContent = (job ? job.sentence : "Starting") +
        (total ? ": " + number.format(job.done) + " of " + number.format(total) : "");
      if (total) { bar.max = total; bar.value = job.done; } else bar.removeAttribute("value");
    }
    $("label-oracle").hidden = !(view.truth && view.query && !job);
    $("label-download").href = "/experiments/" + encodeURIComponent(view.slug) + "/labels.csv";
    $("label-download").hidden = !view.slug;
    $("label-reset").hidden = !view.slug || view.archived;
  }

  function pick(view) {
    const picker = $("frame-picker");
    if (!picker || !view.slug) return;
    if (!Array.from(picker.options).some((o) => o.value === view.slug)) picker.append(node("option", { value: view.slug }, view.name));
    picker.hidden = false;
    picker.value = view.slug;
  }

  function show(id, text) {
    $(id).textContent = text || "";
    $(id).hidden = !text;
  }

  function status(kind, words) {
    const place = $("label-status");
    place.dataset.state = kind;
    place.textContent = words;
  }

  function paintStrip(view) {
    const c = view.counters;
    const put = (id, text) => { $("label-" + id).textContent = text; };
    put("predictions", c ? number.format(c.predictions) : "0");
    put("labels", c ? number.format(c.labels) : "0");
    put("skipped", c ? number.format(c.skipped) : "0");
    put("accuracy", c && c.accuracy !== null ? percent(c.accuracy) : "–");
    put("ask-rate", c && c.ask_rate ? "1 in " + (1 / c.ask_rate < 9.5 ? (1 / c.ask_rate).toFixed(1).replace(/\.0$/, "") : Math.round(1 / c.ask_rate)) : "–");
    put("seconds", c && c.seconds !== null ? c.seconds.toFixed(1) + " s" : "–");
  }

  function paintSample(view, before) {
    const place = $("label-sample");
    const query = view.query;
    $("label-desk").hidden = !!view.missing;
    $("label-desk").classList.toggle("over", view.state === "exhausted");
    if (!query) {
      place.textContent = "";
      place.dataset.sampleId = "";
      state.shown = null;
    } else if (!state.shown || !before || !before.query || before.uid !== view.uid || before.query.position !== query.position) {
      place.replaceChildren(query.fields ? card(query.fields) : query.text);
      place.dataset.sampleId = query.sample_id;
      place.scrollTop = 0;
      state.shown = fresh();
      state.shownAt = performance.now();
    }
    place.classList.toggle("waiting", !query || view.state !== "ready");
    guess(view);
  }

  function card(fields) {
    return node("dl", { class: "card-fields" }, ...fields.flatMap(([name, value]) => [node("dt", {}, name), node("dd", {}, value)]));
  }

  function guess(view) {
    const wanted = read("show-prediction") === "1";
    $("label-show").setAttribute("aria-pressed", String(wanted));
    const query = view.query;
    const known = query && query.predicted !== null;
    $("label-guess").hidden = !(wanted && query);
    $("label-guess").textContent = known
      ? "The model thinks: " + title(view, query.predicted) + ", " + percent(query.probabilities[query.predicted], 0)
      : "The model has no idea yet.";
  }

  const title = (view, index) => (index === null || view.classes[index] === undefined ? "–" : view.classes[index].title);
  /* Which keys answer: a person's own choice, kept in this browser. */

  const usual = "123456789abcdeghijklmnopqrstvwxyz"; // without 0, F and U, which have their own
  const special = { pass: "0", undo: "u" };
  function own() {
    try { return JSON.parse(read("keys") || "{}"); } catch (e) { return {}; }
  }
  function keyOf(what) {
    const keys = own();
    if (keys.off) return "";
    return (keys[what] !== undefined ? keys[what] : special[what] || usual[what] || "").toLowerCase();
  }

  function openKeys() {
    const rows = [["pass", "Pass"], ["undo", "Undo"]].concat((state.view ? state.view.classes : []).map((c, i) => [i, c.title]));
    const keys = own();
    const off = node("input", { type: "checkbox", id: "key-off" });
    off.checked = !keys.off;
    $("label-keys-list").replaceChildren(
      node("label", { class: "key-row" }, off, " Answer with single keys"),
      ...rows.map(([what, name]) => {
        const field = node("input", { type: "text", maxlength: "1", size: "2", "data-key": what, autocomplete: "off" });
        field.value = (keys[what] !== undefined ? keys[what] : special[what] || usual[what] || "").toUpperCase();
        return node("label", { class: "key-row" }, field, " " + name);
      }));
    $("label-keys-problem").hidden = true;
    $("label-keys-dialog").showModal();
  }

  function saveKeys() {
    const keys = { off: !$("key-off").checked };
    const taken = {};
    for (const field of $("label-keys-list").querySelectorAll("[data-key]")) {
      const key = field.value.trim().toLowerCase();
      if (key && taken[key]) {
        show("label-keys-problem", "The key " + key.toUpperCase() + " is there twice; choose another.");
        field.focus();
        return;
      }
      taken[key] = true;
      keys[field.dataset.key] = key;
    }
    write("keys", JSON.stringify(keys));
    $("label-keys-dialog").close();
    paintKeys();
  }

  function paintKeys() {
    $("label-answers").dataset.classes = "";
    if (state.view) paintAnswers(state.view);
    for (const what of ["pass", "undo"]) {
      const key = keyOf(what);
      $("label-" + what).querySelector("kbd").textContent = key.toUpperCase();
      $("label-" + what).querySelector("kbd").hidden = !key;
      if (key) $("label-" + what).setAttribute("aria-keyshortcuts", key.toUpperCase());
      else $("label-" + what).removeAttribute("aria-keyshortcuts");
    }
  }

  function paintAnswers(view) {
    const box = $("label-answers");
    const names = JSON.stringify(view.classes);
    if (box.dataset.classes !== names) {
      box.dataset.classes = names;
      box.dataset.many = String(view.classes.length > 4);
      box.replaceChildren(...view.classes.map((c, i) => {
        const key = keyOf(i);
        const button = node("button", { type: "button", class: "answer class-" + (i % 8 + 1), "aria-keyshortcuts": key || null },
          node("span", { class: "swatch", "aria-hidden": "true" }), c.title, " ",
          key ? node("kbd", { "aria-hidden": "true" }, key.toUpperCase()) : null);
        button.onclick = () => answer(i);
        return button;
      }));
    }
    const off = view.state !== "ready";
    // aria-disabled keeps the focus where it is; disabled would throw it to the body.
    box.querySelectorAll("button").forEach((b) => { b.setAttribute("aria-disabled", String(off)); b.classList.remove("pressed"); });
    $("label-pass").setAttribute("aria-disabled", String(off));
    const undoable = view.last && view.last.source !== "warm-start" && !view.job;
    $("label-undo").setAttribute("aria-disabled", String(!undoable));
  }

  const why = {
    "cold-start": "it did not know two classes yet",
    audit: "this was a blind spot-check of what it is sure about",
    random: "it was drawn at random",
    "spot-check": "this was a blind spot-check",
  };

  function paintLast(view) {
    $("label-after").hidden = !view.last;
    const last = view.last;
    if (!last) { $("label-last").replaceChildren(); return; }
    const said = last.label === null ? node("p", {}, "You passed.") : node("p", {}, told(last), node("b", {}, title(view, last.label)), ".");
    const p = last.predicted === null ? null : last.probabilities[last.predicted];
    said.append(p === null ? " The model had no guess" : " The model thought ");
    if (p !== null) said.append(node("b", {}, title(view, last.predicted) + ", " + percent(p, 0)));
    said.append(", and asked because " + (why[last.reason] || "it was unsure") +
      " (entropy " + last.entropy.toFixed(2) + ", asked with probability " + last.query_probability.toFixed(2) + ").");
    if (last.truth !== null) said.append(last.truth === last.label ? " Known truth: the same." : " Known truth: " + title(view, last.truth) + ".");
    const bars = last.probabilities.map((q, i) => [q, i]).filter(([q]) => q !== null).sort((a, b) => b[0] - a[0]).slice(0, 5)
      .sort((a, b) => a[1] - b[1]).map(([q, i]) => node("div", { class: "prob" }, node("span", {}, title(view, i)),
        node("span", { class: "bar" }, fill(q, i)), node("span", { class: "n" }, percent(q, 0))));
    $("label-last").replaceChildren(node("p", { class: "quote" }, last.text), said, ...bars);
  }

  function fill(q, i) {
    const made = node("i", { class: "class-" + (i % 8 + 1) });
    made.style.width = (100 * q).toFixed(1) + "%";
    return made;
  }

  function told(last) {
    return { "warm-start": "The warm start said ", oracle: "Known truth said " }[last.source] || "You said ";
  }

  function paintRecent(view) {
    $("label-recent").replaceChildren(node("tbody", {}, ...view.recent.map((a) => node("tr", {},
      node("td", { class: "t", title: a.text }, a.text),
      node("td", { class: "n" }, a.label === null ? "passed" : title(view, a.label)),
      node("td", { class: "n" }, a.seconds === null ? "" : a.seconds.toFixed(1) + " s")))));
  }

  function paintFinished(view) {
    const place = $("label-finished");
    const over = view.state === "exhausted";
    place.hidden = !over;
    if (!over) { place.replaceChildren(); return; }
    const c = view.counters;
    const slug = encodeURIComponent(view.slug);
    place.replaceChildren(
      node("h2", {}, "That was the whole stream"),
      node("p", {}, number.format(c.predictions) + " samples predicted, " + number.format(c.labels) + " labels given" +
        (c.passes ? ", " + number.format(c.passes) + " passed" : "") + ", " +
        number.format(c.predictions - c.labels - c.passes) + " never had to be asked about" +
        (c.accuracy === null ? "." : ". The model was right on " + percent(c.accuracy) + " of the " + number.format(c.known) + " samples whose class is known.")),
      node("p", {}, node("a", { href: "/experiments/" + slug + "/labels.csv", download: "" }, "Download the labels"), " · ",
        node("a", { href: "/experiments/" + slug + "/predictions.csv", download: "" }, "Download all predictions"), " · ",
        node("a", { href: "/experiments?experiment=" + slug }, "Start another experiment")),
      node("p", { class: "soft" }, "Undo still works, and Reset starts over and keeps this log."));
  }

  function follow(view) {
    const need = view.slug + ":" + view.uid + ":" + view.start;
    if (view.start && !state.asked[need]) { state.asked[need] = true; start(view.start); }
    else if (view.start || view.job) state.poll = setTimeout(look, pollEvery);
    if (!view.start) state.asked = {};
  }

  /* Keys and clicks ---------------------------------------------------------------------- */

  function typing(target) {
    return target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  }

  document.addEventListener("keydown", function (event) {
    if (!$("label-root") || document.querySelector("dialog[open]")) return;
    if (event.repeat) {
      // A held Enter on a focused button would answer over and over.
      if ((event.key === "Enter" || event.key === " ") && event.target.closest && event.target.closest("button")) event.preventDefault();
      return;
    }
    if (typing(event.target) || event.altKey || event.metaKey && event.key !== "z") return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z" && !event.shiftKey) { event.preventDefault(); undo(); return; }
    if (event.ctrlKey || event.metaKey) return;
    if (key === keyOf("pass")) answer(null);
    else if (key === keyOf("undo")) undo();
    else if (state.view) {
      const index = state.view.classes.findIndex((_, i) => keyOf(i) === key);
      if (index < 0 || !keyOf(index)) return;
      answer(index);
    } else return;
    event.preventDefault();
  });

  const clicks = {
    "label-pass": () => answer(null),
    "label-undo": undo,
    "label-cancel": () => send({ do: "stop" }),
    "label-oracle": () => { if (!busy()) start("oracle", 100); },
    "label-show": () => { write("show-prediction", read("show-prediction") === "1" ? "0" : "1"); guess(state.view); },
    "label-keys": openKeys,
    "label-keys-no": () => $("label-keys-dialog").close(),
    "label-keys-yes": saveKeys,
    "label-reset": () => $("label-reset-dialog").showModal(),
    "label-reset-no": () => $("label-reset-dialog").close(),
    "label-reset-yes": () => { $("label-reset-dialog").close(); if (!busy()) send({ do: "reset" }); },
    "frame-theme": () => theme(document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark"),
  };

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[id]");
    if (button && clicks[button.id]) clicks[button.id]();
  });

  window.addEventListener("beforeunload", function (event) {
    if (busy()) event.preventDefault();
  });

  /* Frame --------------------------------------------------------------------------------- */

  function theme(name) {
    document.documentElement.setAttribute("data-bs-theme", name);
    write("theme", name);
    named();
  }

  function named() {
    const name = document.documentElement.getAttribute("data-bs-theme");
    if ($("frame-theme")) $("frame-theme").textContent = name === "dark" ? "Light" : "Dark";
    if (state.theme !== name) { state.theme = name; props("frame-theme-name", { data: name }); }
  }

  document.addEventListener("change", function (event) {
    if (event.target.id === "frame-picker") props("_pages_location", { search: "?experiment=" + encodeURIComponent(event.target.value) });
  });

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function (event) {
    if (!read("theme")) { document.documentElement.setAttribute("data-bs-theme", event.matches ? "dark" : "light"); named(); }
  });

  function links(slug) {
    document.querySelectorAll("#frame-nav a.page").forEach(function (a) {
      const path = a.pathname;
      const href = path + (slug ? "?experiment=" + encodeURIComponent(slug) : "");
      if (a.getAttribute("href") !== href) props(a.id, { href: href });
    });
  }

  function navigate(path, search) {
    if (path !== "/") { clearTimeout(state.poll); clearTimeout(state.timer); state.wish = null; state.view = null; state.shown = null; }
    document.querySelectorAll("#frame-nav a.page").forEach(function (a) {
      const here = a.pathname === path;
      a.classList.toggle("on", here);
      if (here) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
    });
    const slug = new URLSearchParams(search || "").get("experiment");
    if (slug) links(slug);
    named();
    return path;
  }

  function receipt(data) {
    if (data && $("label-root")) look();
    if (data && data.state === "busy") toast(data.message);
    return data ? data.nonce : null;
  }

  function toast(text, stays) {
    const made = node("div", { class: "toast-line" }, text);
    $("frame-toasts").append(made);
    if (!stays) setTimeout(() => made.remove(), 6000);
    return made;
  }

  function trouble(data) {
    if (data) toast(data.sentence);
    return data ? data.nonce : null;
  }

  // Dash tells a callback that failed to the console alone. The browser's own record of requests
  // tells it here, and nothing has to stand between a request and its answer.
  const failed = { gone: null, broken: null };
  function answered(status) {
    if (status && failed.gone) { failed.gone.remove(); failed.gone = null; }
    if ($("label-root") || !$("frame-toasts")) return; // labeling tells what is not saved itself
    if (status === 0 && !failed.gone) {
      failed.gone = toast("Sluice does not answer, so this page stands still. It goes on by itself once the server runs again.", true);
    } else if (status >= 500 && !(failed.broken && failed.broken.isConnected)) {
      failed.broken = toast("The server could not work this out. Reload the page; if it fails again, the server's log says why.");
    }
  }

  if (window.PerformanceObserver) {
    new PerformanceObserver(function (list) {
      for (const request of list.getEntries()) if (request.name.includes("/_dash-update-component")) answered(request.responseStatus);
    }).observe({ type: "resource" });
  }

  /* Analytics pages ----------------------------------------------------------------------- */

  // A pressed segment is the data of the store that its row is for.
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest(".segments button");
    if (!button) return;
    const row = button.parentElement;
    const many = row.dataset.many === "true";
    const buttons = Array.from(row.children);
    const pressed = (b) => b.getAttribute("aria-pressed") === "true";
    const next = buttons.filter((b) => (b === button ? !many || !pressed(b) : many && pressed(b)));
    buttons.forEach((b) => b.setAttribute("aria-pressed", String(next.includes(b))));
    const chosen = next.map((b) => b.dataset.value);
    props(row.dataset.for, { data: many ? chosen : chosen[0] });
  });

  // What the controls say goes into the address, so that a link shows what its sender saw, and
  // into the links to each chart's data.
  function choose() {
    const root = document.querySelector("[data-defaults]");
    if (!root) return window.dash_clientside.no_update;
    const address = new URL(window.location.href);
    const defaults = JSON.parse(root.dataset.defaults);
    const choices = new URLSearchParams();
    for (const input of window.dash_clientside.callback_context.inputs_list) {
      const name = input.id.slice(input.id.indexOf("-") + 1);
      if (input.value === null || input.value === undefined) continue;
      const said = String(input.value) || "none";
      address.searchParams.delete(name);
      if (said === String(defaults[name])) continue;
      choices.set(name, said);
      address.searchParams.set(name, said);
    }
    address.searchParams.set("experiment", root.dataset.slug);
    history.replaceState(history.state, "", address);
    links(root.dataset.slug);
    document.querySelectorAll("a[data-chart]").forEach((a) => { a.search = choices.toString(); });
    return choices.toString();
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.sluice = { paint: paint, navigate: navigate, receipt: receipt, trouble: trouble, choose: choose };

  /* Log and experiments ------------------------------------------------------------------- */

  (function () {
    // What a button or a form wishes for goes into a store; a callback fulfills it.
    function wish(element, more) {
      const here = new URL(window.location.href).searchParams.get("experiment");
      const data = Object.assign(JSON.parse(element.dataset.wish || "{}"), more, { nonce: fresh(), here: here });
      props(element.dataset.send, { data: data });
    }

    function typed(form) {
      const found = {};
      for (const [name, value] of new FormData(form)) found[name] = value;
      return found;
    }

    document.addEventListener("submit", function (event) {
      const form = event.target;
      if (form.dataset.send) { event.preventDefault(); submit(form); }
      if (form.id === "log-filters") { event.preventDefault(); filter(); }
    });

    document.addEventListener("click", function (event) {
      const target = event.target;
      const button = target.closest("button");
      if (button) press(button);
      const link = target.closest("#frame-nav a.page");
      if (link && link.pathname === "/log" && $("log-filters")) clear();
      if (target.matches("dialog.sheet")) target.close(); // a click beside it
      const menu = target.closest("details.menu");
      document.querySelectorAll("details.menu[open]").forEach((d) => { if (d !== menu || button) d.open = false; });
      const row = target.closest("#log-grid .ag-center-cols-container .ag-row");
      if (row && !String(getSelection())) story(row);
    });

    function submit(form) {
      wish(form, typed(form));
      const dialog = form.closest("dialog");
      if (dialog && dialog.id !== "experiments-create") dialog.close();
      if (form.matches(".rename")) form.querySelector("[data-shows]").click();
    }

    function press(button) {
      const what = button.dataset;
      if (what.opens) open($(what.opens), what.asks);
      if (what.closes !== undefined) button.closest("dialog").close();
      if (what.send && button.tagName === "BUTTON") wish(button);
      if (what.shows) swap(what.shows, what.hides);
      if (button.id === "log-clear") clear();
    }

    // Filled when it opens, and not again: the list below it may move on.
    function open(dialog, asks) {
      if (asks) {
        const about = JSON.parse(asks);
        dialog.querySelector(".asked-of").textContent = about.name;
        dialog.querySelector("form").dataset.wish = asks;
        dialog.querySelectorAll("input").forEach((field) => props(field.id, { value: "" }));
        exact(dialog, "");
      }
      closeMenus();
      dialog.showModal();
    }

    function exact(dialog, text) {
      const name = JSON.parse(dialog.querySelector("form").dataset.wish).name;
      if (dialog.id === "experiments-delete") dialog.querySelector(".danger").disabled = text !== name;
    }

    document.addEventListener("input", function (event) {
      const dialog = event.target.closest && event.target.closest("#experiments-delete");
      if (dialog) exact(dialog, event.target.value);
    });

    // Rows keep their places while someone is about to press something in one of them.
    document.addEventListener("toggle", hold, true);
    function hold() {
      if (!$("experiments-root")) return;
      props("experiments-tick", { disabled: !!document.querySelector("details.menu[open], form.rename:not([hidden])") });
    }

    function swap(shown, hidden) {
      $(shown).hidden = false;
      $(hidden).hidden = true;
      const field = $(shown).querySelector("input");
      if (field) { field.focus(); field.select(); }
      hold();
    }

    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") {
        closeMenus();
        const form = event.target.closest && event.target.closest("form.rename");
        if (form) form.querySelector("[data-shows]").click();
      }
      if (event.key !== "Enter" || event.repeat || !event.target.closest) return;
      const row = event.target.closest("#log-grid .ag-center-cols-container .ag-row");
      if (row) story(row);
    });

    function closeMenus() {
      document.querySelectorAll("details.menu[open]").forEach((d) => { d.open = false; d.querySelector("summary").focus(); });
    }

    /* The log */

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
      for (const [name, value] of Object.entries(typed(form))) if (value.trim()) params[name] = value.trim();
      const shown = { experiment: form.dataset.experiment, table: form.dataset.table };
      props("log-shown", { data: Object.assign({ params: params }, shown) });
      const sort = new URL(window.location.href).searchParams.get("sort");
      address(Object.assign(shown, params, sort ? { sort: sort } : {}));
      const api = grid();
      if (api) { api.purgeInfiniteCache(); api.ensureIndexVisible(0); }
    }

    function clear() {
      $("log-filters").querySelectorAll("input").forEach((field) => props(field.id, { value: "" }));
      $("log-filters").querySelectorAll("select").forEach((field) => { field.value = ""; });
      setTimeout(filter, 50); // once the fields have been painted empty
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
      const form = $("log-filters").dataset;
      const usual = form.table === "labels" ? "-labeled_at" : "-position";
      const now = Object.fromEntries(new URL(window.location.href).searchParams);
      delete now.sort;
      address(Object.assign(now, { experiment: form.experiment, table: form.table }, sort === usual ? {} : { sort: sort }));
      links(form.experiment);
      return sort;
    }

    /* Experiments */

    function placed(slug) {
      if (slug === null || slug === undefined) return window.dash_clientside.no_update;
      const made = new URL(window.location.href);
      if (slug) made.searchParams.set("experiment", slug); else made.searchParams.delete("experiment");
      history.replaceState(history.state, "", made);
      links(slug);
      return slug;
    }

    Object.assign(window.dash_clientside.sluice, { logMoved: logMoved, logSorted: logSorted, placed: placed });
  })();
})();
