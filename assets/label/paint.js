/* The labeling page: painting what the server says. The next sample first, what is read later after it. */
(function (sluice) {
  "use strict";

  const { $, desk, number, percent, fresh, node, show, read, write, clicks } = sluice;

  function paint(view) {
    const still = window.dash_clientside.no_update;
    if (!view || !$("label-root")) return still;
    if (view.n !== undefined && desk.wish && view.n < desk.wish.n) return still;
    clearTimeout(desk.poll);
    desk.wish = null;
    const before = desk.view;
    desk.view = view;
    if (view.classes) { desk.classes = view.classes; desk.names = view.names; }
    sluice.settleMarks(view);
    paintSample(view, before);
    paintFrame(view);
    paintStrip(view);
    sluice.paintAnswers(view);
    sluice.paintMarks();
    sluice.paintFinished(view);
    // What is read after the next sample is painted after it.
    if (before && before.query && view.query) requestAnimationFrame(() => setTimeout(() => { if (desk.view === view) paintRest(view); }));
    else paintRest(view);
    sluice.follow(view);
    return view.n || 0;
  }

  function paintRest(view) {
    if (!$("label-root")) return;
    remember(view);
    reach();
    sluice.paintLast(view);
    sluice.paintRecent(view);
    advice(view);
  }

  // Whether to go on: what was known when the view was made, for a press waits for none of it.
  function advice(view) {
    const told = view.advice;
    if (told === undefined) return; // this view is not about that
    $("label-advice").hidden = !told;
    if (!told) return;
    $("label-verdict").textContent = told.verdict[0].toUpperCase() + told.verdict.slice(1);
    $("label-verdict").href = "/accuracy?experiment=" + encodeURIComponent(view.slug) + "#accuracy-advice";
    $("label-because").textContent = ": " + told.because + ".";
    $("label-advice").dataset.verdict = told.verdict.replaceAll(" ", "-");
  }

  function remember(view) {
    if (!view.slug) return;
    const address = new URL(window.location.href);
    if (address.searchParams.get("experiment") !== view.slug) {
      address.searchParams.set("experiment", view.slug);
      history.replaceState(history.state, "", address);
    }
    sluice.links(view.slug);
  }

  function paintFrame(view) {
    pick(view);
    show("label-note", view.note);
    show("label-trouble", [view.trouble, view.notice].filter(Boolean).join(" "));
    if (view.offer) {
      const go = node("button", { type: "button", class: "quiet" }, "Continue");
      go.onclick = () => { go.disabled = true; sluice.start(view.offer); };
      $("label-trouble").append(" ", go);
    }
    if (view.missing) $("label-trouble").append(" ", node("a", { href: "/" }, "Open the one used last"));
    const words = { ready: "Saved", scanning: "Scanning", warming: "Warming up", exhausted: "Saved", error: view.query ? "Saved" : "Stopped" };
    status(view.state, sluice.marking() ? "Saving" : words[view.state] || view.state);
    progress(view);
    $("label-oracle").hidden = !(view.truth && view.query && !view.job) || sluice.awaited(view);
    $("label-download").href = "/experiments/" + encodeURIComponent(view.slug) + "/labels.csv";
    $("label-download").hidden = $("label-guide").hidden = !view.slug;
    $("label-reset").hidden = !view.slug || view.archived;
  }

  function progress(view) {
    const job = view.job, awaited = sluice.awaited(view);
    $("label-progress").hidden = !(job || view.start || awaited);
    if ($("label-progress").hidden) return;
    const bar = $("label-progress-bar");
    const total = job ? job.total : 0;
    $("label-progress-text").textContent = (job ? job.sentence : awaited && desk.mine.stop ? "Stopping" : "Starting") +
      (total ? ": " + number.format(job.done) + " of " + number.format(total) : "");
    if (total) { bar.max = total; bar.value = job.done; } else bar.removeAttribute("value");
  }

  function pick(view) {
    const picker = $("frame-picker");
    if (!picker || !view.slug) return;
    if (!Array.from(picker.options).some((o) => o.value === view.slug)) picker.append(node("option", { value: view.slug }, view.name));
    picker.hidden = false;
    picker.value = view.slug;
  }

  function status(kind, words) {
    const place = $("label-status");
    if (!place) return; // another page by now
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
      desk.shown = null;
    } else if (!desk.shown || !before || !before.query || before.uid !== view.uid || before.query.position !== query.position) {
      place.replaceChildren(query.fields ? card(query.fields) : query.text);
      place.dataset.sampleId = query.sample_id;
      place.scrollTop = 0;
      desk.shown = fresh();
      desk.shownAt = performance.now();
    }
    place.classList.toggle("waiting", !query || view.state !== "ready");
    guess(view);
  }

  // Each field has a direction of its own; numbers stand under each other.
  function card(fields) {
    const made = node("dl", { class: "card-fields" }, ...fields.flatMap(([name, value, kind]) => [
      node("dt", { dir: "auto" }, name),
      node("dd", { class: "is-" + kind, dir: kind === "number" ? "ltr" : "auto" }, value === null ? "–" : value),
    ]));
    const digits = fields.map(([, value, kind]) => (kind === "number" && value ? value.length : 0));
    made.style.setProperty("--digits", Math.min(24, Math.max(...digits, 0)) + "ch");
    return made;
  }

  // What is longer than its box can be reached and scrolled by keyboard.
  function reach() {
    const place = $("label-sample");
    place.tabIndex = place.scrollHeight > place.clientHeight + 1 ? 0 : -1;
  }

  // Without the focus, too: the sample is what one reads.
  function scroll(key) {
    const place = $("label-sample");
    const by = { ArrowDown: 48, ArrowUp: -48, PageDown: place.clientHeight - 40, PageUp: 40 - place.clientHeight }[key];
    const top = Math.max(0, Math.min(place.scrollTop + by, place.scrollHeight - place.clientHeight));
    if (place.tabIndex !== 0 || Math.abs(top - place.scrollTop) < 1) return false;
    place.scrollTop = top;
    return true;
  }

  function guess(view) {
    const wanted = read("show-prediction") === "1";
    $("label-show").setAttribute("aria-pressed", String(wanted));
    const query = view.query;
    $("label-guess").hidden = !(wanted && query);
    $("label-guess").textContent = query && query.predicted !== null
      ? "The model thinks: " + title(query.predicted) + ", " + percent(query.probability, 0)
      : "The model has no idea yet.";
  }

  const title = (index) => (index === null || desk.classes[index] === undefined ? "–" : desk.classes[index].title);

  Object.assign(clicks, {
    "label-cancel": () => sluice.cancel(),
    "label-oracle": () => { if (!sluice.busy()) sluice.start("oracle", 100); },
    "label-show": () => { write("show-prediction", read("show-prediction") === "1" ? "0" : "1"); guess(desk.view); },
    "label-reset": () => $("label-reset-dialog").showModal(),
    "label-reset-no": () => $("label-reset-dialog").close(),
    "label-reset-yes": () => { $("label-reset-dialog").close(); if (!sluice.busy()) sluice.send({ do: "reset" }); },
  });

  Object.assign(sluice, { paint, progress, scroll, status, title });
})(window.dash_clientside.sluice);
