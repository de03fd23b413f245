/* The labeling page: what the model had thought, the last answers, the end of the stream. */
(function (sluice) {
  "use strict";

  const { $, number, percent, node } = sluice;

  const why = {
    "cold-start": "it did not know two classes yet",
    audit: "this was an audit, a blind check of what it is sure about",
    random: "it was drawn at random",
    "spot-check": "this was a blind spot-check",
  };

  function paintLast(view) {
    const last = view.last;
    $("label-after").hidden = !last;
    if (!last) { $("label-last").replaceChildren(); return; }
    const title = sluice.title;
    const said = last.label === null ? node("p", {}, "You passed.") : node("p", {}, told(last), node("b", {}, title(last.label)), ".");
    said.append(last.probability === null ? " The model had no guess" : " The model thought ");
    if (last.probability !== null) said.append(node("b", {}, title(last.predicted) + ", " + percent(last.probability, 0)));
    said.append(", and asked because " + (why[last.reason] || "it was unsure") +
      " (entropy " + last.entropy.toFixed(2) + ", asked with probability " + last.query_probability.toFixed(2) + ").");
    if (last.truth !== null) said.append(last.truth === last.label ? " Known truth: the same." : " Known truth: " + title(last.truth) + ".");
    const bars = last.top.map(([i, p]) => node("div", { class: "prob" }, node("span", { title: title(i) }, title(i)),
      node("span", { class: "bar" }, fill(p, i)), node("span", { class: "n" }, percent(p, 0))));
    const noted = sluice.marks(last);
    $("label-last").replaceChildren(node("p", { class: "quote", dir: "auto" }, ...sluice.quoted(last)), said, ...bars, ...(noted.length ? [node("p", { class: "marked" }, ...noted)] : []));
    sluice.paintWhy(last);
  }

  function fill(p, i) {
    const made = node("i", { class: "class-" + (i % 8 + 1) });
    made.style.width = (100 * p).toFixed(1) + "%";
    return made;
  }

  function told(last) {
    return { "warm-start": "The warm start said ", oracle: "Known truth said " }[last.source] || "You said ";
  }

  function paintRecent(view) {
    $("label-recent").replaceChildren(node("tbody", {}, ...view.recent.map((a) => node("tr", {},
      node("td", { class: "t", title: a.text }, node("bdi", {}, a.text), ...sluice.marks(a)),
      node("td", { class: "n c", title: sluice.title(a.label) }, a.label === null ? "passed" : sluice.title(a.label)),
      node("td", { class: "n" }, a.seconds === null ? "" : a.seconds.toFixed(1) + " s")))));
  }

  function paintFinished(view) {
    const place = $("label-finished");
    const over = view.state === "exhausted";
    place.hidden = !over;
    if (!over) { place.replaceChildren(); return; }
    if (view.others) {
      place.replaceChildren(
        node("h2", {}, "Nothing is left to ask you for now"),
        node("p", {}, view.others === 1
          ? "The last question is with somebody else; if it is not answered in time, it comes here by itself."
          : "The last " + number.format(view.others) + " questions are with others; one that is not answered in time comes here by itself."));
      return;
    }
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

  Object.assign(sluice, { paintLast, paintRecent, paintFinished });
})(window.dash_clientside.sluice);
