/* The labeling page: what of the last sample spoke for which class, and what the answer changed.
   It costs a request of its own: it is asked for while it is open only, after the next sample was
   painted, and never holds a press up. */
(function (sluice) {
  "use strict";

  const { $, desk, node, percent, read, write, clicks } = sluice;

  const least = 0.05; // of the strongest word, below which none is told
  const deepest = 40; // per cent of a class's color behind the strongest word
  const listed = 4; // words a class

  let told = null; // what the server said about one answer: {key, why}
  let asking = ""; // the answer that is being asked about

  const idle = window.requestIdleCallback ? (f) => requestIdleCallback(f, { timeout: 500 }) : (f) => setTimeout(f, 100);
  const opened = () => read("why") === "1";
  const nameOf = (last) => [desk.view.uid, last.seq, last.label].join(":");
  const known = (last) => (opened() && told && told.key === nameOf(last) ? told.why : null);

  // The text of the last sample, its words marked where that is known.
  function quoted(last) {
    const why = known(last);
    if (!why || !why.pieces.length) return [last.text];
    const most = Math.max(...why.pieces.map(([, push]) => Math.abs(push)));
    return why.pieces.map(([text, push]) => (Math.abs(push) > least * most ? marked(text, push, why, most) : text)).concat(why.cut ? ["…"] : []);
  }

  const side = (push, why) => (push > 0 ? why.toward : why.against);
  const figure = (x) => (Math.abs(x) >= 0.1 ? Math.abs(x).toFixed(2) : String(Number(Math.abs(x).toPrecision(2))));

  function marked(text, push, why, most) {
    const speaks = side(push, why);
    const made = node("mark", { class: "class-" + (speaks % 8 + 1) + (push > 0 ? "" : " against"), title: figure(push) + " for " + sluice.title(speaks) }, text);
    made.style.setProperty("--share", (deepest * Math.abs(push) / most).toFixed(0) + "%");
    return made;
  }

  function paintWhy(last) {
    const open = opened();
    $("label-why").setAttribute("aria-expanded", String(open));
    $("label-why-body").hidden = !open;
    if (!open) return;
    const why = known(last);
    $("label-why-body").replaceChildren(...(why ? story(why) : [node("p", { class: "soft" }, "One moment")]));
    if (!why) ask(last);
  }

  function story(why) {
    return [why.silent ? node("p", { class: "soft" }, why.silent) : null, changed(why), ...spoke(why), ...moves(why)].filter(Boolean);
  }

  function changed(why) {
    if (why.after === null) return why.label === null && !why.silent ? node("p", {}, "A pass teaches nothing: no weight was moved.") : null;
    const name = node("b", {}, sluice.title(why.label));
    return why.before === null
      ? node("p", {}, "The model met ", name, " for the first time, and gives it " + percent(why.after, 1) + " here now.")
      : node("p", {}, "The answer took ", name, " from ", node("b", {}, percent(why.before, 1)), " to ", node("b", {}, percent(why.after, 1)), " for this sample.");
  }

  // For those who cannot tell the colors, or cannot see the marks: the words in a list.
  function spoke(why) {
    const words = new Map();
    for (const [text, push] of why.pieces) if (push) words.set(text.toLowerCase(), (words.get(text.toLowerCase()) || 0) + push);
    const sorted = [...words].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
    const pushes = sorted.filter(([, push]) => Math.abs(push) > least * Math.abs(sorted[0][1]));
    const one = (speaks, line, more, those) => (those.length ? node("p", { class: "for class-" + (speaks % 8 + 1) + more },
      node("b", {}, "For " + sluice.title(speaks)), " (", node("span", { class: "line" }, line), "): ",
      ...those.slice(0, listed).flatMap(([word, push], i) => [i ? ", “" : "“", node("bdi", {}, word), "” " + figure(push)])) : null);
    const bias = why.bias ? node("p", { class: "soft" }, "Every sample begins with " + figure(why.bias) + " for " + sluice.title(side(why.bias, why)) + ".") : null;
    return [one(why.toward, "solid line", "", pushes.filter(([, push]) => push > 0)), one(why.against, "dotted line", " against", pushes.filter(([, push]) => push < 0)), bias];
  }

  function moves(why) {
    if (!why.moves.length) return [];
    const weight = (x, other) => (x ? (other !== null && side(x, why) === side(other, why) ? "" : sluice.title(side(x, why)) + " ") + figure(x) : "0");
    const rows = why.moves.map(([feature, before, after]) => node("tr", {},
      node("td", { class: "feature" }, ...(feature === null ? [node("i", {}, "bias, for every sample")] : ["“", node("bdi", {}, feature), "”"])),
      node("td", {}, weight(before, null) + " → " + weight(after, before || null))));
    const short = why.moves.some(([feature]) => feature !== null && /\*$|(^| )#\d/.test(feature));
    return [node("h3", {}, "Weights that moved most"), node("table", {}, node("tbody", {}, ...rows)),
      short ? node("p", { class: "hint" }, "deli* is any word that begins so, #4 a number of four digits.") : null];
  }

  function ask(last) {
    const mine = nameOf(last);
    if (asking === mine) return;
    asking = mine;
    const wanted = () => $("label-root") && desk.view && desk.view.last && opened() && nameOf(desk.view.last) === mine;
    const over = () => { if (asking === mine) asking = ""; };
    function tell(why) {
      over();
      if (!wanted()) return;
      told = { key: mine, why: why };
      sluice.paintLast(desk.view);
    }
    idle(function () {
      if (!wanted() || sluice.busy()) { over(); return; } // what is painted next asks anew
      sluice.call(sluice.addressed({ do: "why", seq: last.seq })).then(
        (reply) => tell(reply.why || nothing(sluice.refusal(reply))),
        () => tell(nothing("It could not be fetched; close this and open it again.")));
    });
  }

  const nothing = (sentence) => ({ silent: sentence, pieces: [], moves: [], after: null, before: null, label: null, bias: 0 });

  function openWhy() {
    if (!desk.view || !desk.view.last) return;
    write("why", opened() ? "0" : "1");
    told = null;
    sluice.paintLast(desk.view);
  }

  clicks["label-why"] = openWhy;

  Object.assign(sluice, { quoted, paintWhy, openWhy });
})(window.dash_clientside.sluice);
