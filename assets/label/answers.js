/* The labeling page: a button for each class, and a box to find one among many. */
(function (sluice) {
  "use strict";

  const { $, desk, node, clicks } = sluice;

  const many = 5; // classes, from which on buttons are small
  const lots = 10; // from which on one can type to find one
  let buttons = []; // in class order
  let lit = null; // the one that was pressed
  let found = []; // classes that match what is typed, the best first

  function paintAnswers(view) {
    const box = $("label-answers");
    if (box.dataset.names !== desk.names) build(box);
    const off = String(view.state !== "ready");
    // aria-disabled keeps the focus where it is; disabled would throw it to the body.
    if (box.dataset.off !== off) {
      box.dataset.off = off;
      for (const button of [...buttons, $("label-pass")]) button.setAttribute("aria-disabled", off);
    }
    if (lit) lit.classList.remove("pressed");
    lit = null;
    const undoable = view.last && view.last.source !== "warm-start" && !view.job;
    $("label-undo").setAttribute("aria-disabled", String(!undoable));
  }

  function build(box) {
    box.dataset.names = desk.names;
    box.dataset.off = "";
    box.dataset.many = desk.classes.length < many ? "" : desk.classes.length < lots ? "many" : "lots";
    sluice.unbind();
    buttons = desk.classes.map(function (c, i) {
      const key = sluice.keyOf(i);
      const button = node("button", { type: "button", class: "answer class-" + (i % 8 + 1), "aria-keyshortcuts": key || null },
        node("span", { class: "swatch", "aria-hidden": "true" }), named(c.title), " ",
        key ? node("kbd", { "aria-hidden": "true" }, key.toUpperCase()) : null);
      button.onclick = () => { if (sluice.answer(i)) find(""); };
      return button;
    });
    box.replaceChildren(...buttons);
    if (!$("label-filter")) seek();
    $("label-find").hidden = buttons.length < lots;
    sluice.paintKeys();
    find("");
  }

  // Long names break where their words do.
  function named(title) {
    const parts = title.split(/(?<=[_./:-])(?=[^_./:-])/);
    return node("span", { class: "name", dir: "auto" }, ...parts.flatMap((part, i) => (i ? [node("wbr"), part] : [part])));
  }

  function pressed(label) {
    lit = label === null ? null : buttons[label];
    if (lit) lit.classList.add("pressed");
  }

  /* Finding one among many */

  // As people type: no accents, no case, spaces for whatever stands between words.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[\s_./:-]+/g, " ").trim();

  // How well a name matches; the lower the better, -1 for not at all.
  function rank(name, typed) {
    if (name === typed) return 0;
    if (name.startsWith(typed)) return 1;
    if ((" " + name).includes(" " + typed)) return 2;
    const words = name.split(" ");
    let at = -1;
    if (typed.split(" ").every((t) => { at = words.findIndex((w, i) => i > at && w.startsWith(t)); return at >= 0; })) return 3;
    if (name.includes(typed)) return 4;
    if (words.map((w) => w[0]).join("").startsWith(typed.replace(/ /g, ""))) return 5;
    return -1;
  }

  // Where nothing matches, letters in this order will do.
  function scattered(name, typed) {
    let at = -1;
    return [...typed.replace(/ /g, "")].every((letter) => { at = name.indexOf(letter, at + 1); return at >= 0; });
  }

  // Numbers of the names that match, the best first; all of them where nothing is typed.
  function matches(names, text) {
    const typed = plain(text);
    const plains = names.map(plain);
    if (!typed) return names.map((_, i) => i);
    const ranked = plains.map((name, i) => [rank(name, typed), i]).filter(([r]) => r >= 0);
    if (ranked.length) return ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, i]) => i);
    return plains.flatMap((name, i) => (scattered(name, typed) ? [i] : []));
  }

  function seek() {
    const field = node("input", { id: "label-filter", type: "search", placeholder: "Type to find a class", autocomplete: "off", class: "find-entry", "aria-keyshortcuts": "/" });
    $("label-find").replaceChildren(
      node("label", {}, node("span", { class: "unseen" }, "Find a class"), field, node("kbd", { "aria-hidden": "true" }, "/")),
      node("span", { id: "label-found", role: "status" }));
  }

  let sought = ""; // what the buttons stand in the order of
  function find(text) {
    const field = $("label-filter");
    if (field.value !== text) field.value = text;
    const typed = text.trim();
    if (!typed && !sought && found.length === buttons.length) return;
    sought = typed;
    found = matches(desk.classes.map((c) => c.title), typed);
    const held = document.activeElement;
    const shown = new Set(found);
    buttons.forEach((button, i) => { button.hidden = !shown.has(i); button.classList.toggle("first", !!typed && i === found[0]); });
    $("label-answers").append(...found.map((i) => buttons[i]), ...buttons.filter((_, i) => !shown.has(i)));
    if (held && held !== document.activeElement && buttons.includes(held)) held.focus(); // it was moved
    $("label-found").textContent = !typed ? "" : !found.length ? "No class matches"
      : (found.length === 1 ? "1 class" : found.length + " classes") + ", Enter gives " + desk.classes[found[0]].title;
  }

  function typedKey(event) {
    const field = event.target;
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (!event.repeat && field.value.trim() && found.length && sluice.answer(found[0])) find("");
    } else if (event.key === "Escape") {
      event.preventDefault();
      find("");
      field.blur();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !field.value) {
      event.preventDefault();
      if (!event.repeat) sluice.undo();
    }
  }

  document.addEventListener("input", function (event) {
    if (event.target.id === "label-filter") find(event.target.value);
  });

  clicks["label-pass"] = () => sluice.answer(null);
  clicks["label-undo"] = sluice.undo;

  Object.assign(sluice, { paintAnswers, pressed, matches, typedKey });
})(window.dash_clientside.sluice);
