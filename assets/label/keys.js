/* The labeling page: which keys do what, a person's own choice, kept in this browser. */
(function (sluice) {
  "use strict";

  const { $, desk, node, show, read, write, typing, clicks } = sluice;

  const special = { pass: "0", undo: "u", flag: "f", note: "n", why: "w" };
  const named = { pass: "Pass", undo: "Undo", flag: "Flag", note: "Note", why: "Why" };
  const usual = "123456789abcdeghijklmopqrstvwxyz"; // classes, in their order: without the special ones

  let bound = null; // {off, of: what to key, by: key to what}

  function own() {
    try { return JSON.parse(read("keys") || "{}"); } catch (e) { return {}; }
  }

  function bind() {
    const keys = own();
    // Of so many classes that one is W, that one has it.
    const every = ["pass", "undo", "flag", "note", ...desk.classes.map((_, i) => String(i)), "why"];
    const of = {}, by = {};
    const take = (what, key) => { of[what] = key; if (key) by[key] = what; };
    for (const what of every) if (keys[what] !== undefined) take(what, keys[what].toLowerCase());
    for (const what of every) if (keys[what] === undefined) {
      const key = special[what] || usual[what] || "";
      take(what, by[key] ? "" : key); // someone else's own choice
    }
    bound = { off: !!keys.off, of: of, by: by };
    return bound;
  }

  // The classes or the choices are others now.
  const unbind = () => { bound = null; };

  const keyOf = (what) => { const b = bound || bind(); return b.off ? "" : b.of[what] || ""; };

  function paintKeys() {
    const { off } = bound || bind();
    for (const what of Object.keys(special)) {
      const key = keyOf(what);
      const button = $("label-" + (what === "note" ? "jot" : what));
      button.querySelector("kbd").textContent = key.toUpperCase();
      button.querySelector("kbd").hidden = !key;
      if (key) button.setAttribute("aria-keyshortcuts", key.toUpperCase());
      else button.removeAttribute("aria-keyshortcuts");
    }
    for (const button of document.querySelectorAll("#label-guide kbd, #label-find kbd")) button.hidden = off;
  }

  function openKeys() {
    const { off, of } = bind();
    const rows = Object.entries(named).concat(desk.classes.map((c, i) => [String(i), c.title]));
    const box = node("input", { type: "checkbox", id: "key-off" });
    box.checked = !off;
    $("label-keys-list").replaceChildren(
      node("label", { class: "key-row" }, box, " Answer with single keys"),
      ...rows.map(([what, name]) => {
        const field = node("input", { type: "text", maxlength: "1", size: "2", "data-key": what, autocomplete: "off" });
        field.value = of[what].toUpperCase();
        return node("label", { class: "key-row" }, field, " " + name);
      }));
    $("label-keys-problem").hidden = true;
    $("label-keys-dialog").showModal();
  }

  function saveKeys() {
    const keys = { off: !$("key-off").checked };
    const taken = { "/": "finds a class", "?": "opens the guidelines" };
    for (const field of $("label-keys-list").querySelectorAll("[data-key]")) {
      const key = field.value.trim().toLowerCase();
      if (key && taken[key]) {
        show("label-keys-problem", "The key " + key.toUpperCase() + " " + taken[key] + "; choose another.");
        field.focus();
        return;
      }
      taken[key] = "is there twice";
      keys[field.dataset.key] = key;
    }
    write("keys", JSON.stringify(keys));
    unbind();
    $("label-keys-dialog").close();
    $("label-answers").dataset.names = "?"; // the keys are printed on the buttons
    if (desk.view) sluice.paintAnswers(desk.view);
  }

  const scrolls = ["ArrowDown", "ArrowUp", "PageDown", "PageUp"];

  document.addEventListener("keydown", function (event) {
    if (!$("label-root") || document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (target.id === "label-filter") { sluice.typedKey(event); return; }
    if (target.id === "label-note-field") { sluice.notedKey(event); return; }
    const alone = !event.altKey && !event.ctrlKey && !event.metaKey;
    if (alone && scrolls.includes(event.key) && (target === document.body || target.id === "content")) {
      if (sluice.scroll(event.key)) event.preventDefault();
      return;
    }
    if (event.repeat) {
      // A held Enter on a focused button would answer over and over.
      if ((event.key === "Enter" || event.key === " ") && target.closest && target.closest("button")) event.preventDefault();
      return;
    }
    if (typing(target) || event.altKey) return;
    if (!alone) {
      if (event.key.toLowerCase() !== "z" || event.shiftKey) return;
      event.preventDefault();
      sluice.undo();
    } else if (act(event.key.toLowerCase())) event.preventDefault();
  });

  const acts = { pass: () => sluice.answer(null), undo: () => sluice.undo(), flag: () => sluice.flag(), note: () => sluice.openNote(), why: () => sluice.openWhy() };

  function act(key) {
    const { off, by } = bound || bind();
    const what = by[key];
    if (off || !desk.view) return false;
    if (what !== undefined) {
      if (acts[what]) acts[what](); else sluice.answer(Number(what));
    } else if (key === "?" && desk.view.slug) sluice.openGuide();
    else if (key === "/" && !$("label-find").hidden) $("label-filter").select();
    else return false;
    return true;
  }

  window.addEventListener("storage", unbind); // chosen in another tab

  Object.assign(clicks, {
    "label-keys": openKeys,
    "label-keys-no": () => $("label-keys-dialog").close(),
    "label-keys-yes": saveKeys,
  });

  Object.assign(sluice, { keyOf, paintKeys, unbind });
})(window.dash_clientside.sluice);
