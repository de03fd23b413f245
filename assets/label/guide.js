/* The labeling page: what to label how, fetched when it is opened; classes are added and renamed
   in the same place. */
(function (sluice) {
  "use strict";

  const { $, desk, node, fresh, show, clicks } = sluice;

  const dialog = () => $("label-guide-dialog");

  function openGuide() {
    if (!desk.view || !desk.view.slug || dialog().open) return;
    $("label-guide-body").replaceChildren(node("p", { class: "soft" }, "One moment"));
    show("label-guide-problem", "");
    dialog().showModal();
    sluice.insist(sluice.addressed({ do: "guide" }), () => $("label-root") && dialog().open).then(told);
  }

  // What came back: the guidelines as they are now, or why they could not be changed.
  function told(reply, back) {
    if (!$("label-root")) return;
    show("label-guide-problem", sluice.refusal(reply));
    dialog().querySelectorAll("button").forEach((b) => { b.disabled = false; });
    if (!reply.guide) return;
    sluice.refresh(reply);
    if (dialog().open) paintGuide(reply.guide);
    const next = back && dialog().querySelector('[data-edits="' + back + '"]');
    if (next) next.focus();
  }

  // What is being changed has the focus again afterwards.
  function change(wish, back) {
    dialog().querySelectorAll("#label-guide-body button").forEach((b) => { b.disabled = true; });
    sluice.insist(sluice.addressed(Object.assign({ key: fresh() }, wish))).then((reply) => told(reply, back));
  }

  function paintGuide(guide) {
    const locked = desk.view.archived;
    $("label-guide-body").replaceChildren(
      general(guide, locked),
      node("h3", {}, "Classes"),
      node("ul", { class: "guide-classes" }, ...guide.classes.map((c, i) => one(c, i, locked))),
      ...(locked ? [] : [another()]));
  }

  function edits(what, name, writing) {
    const made = node("button", { type: "button", class: "quiet", "data-edits": what, "aria-label": "Edit " + name }, "Edit");
    made.onclick = () => editable(made.closest(".guide-part"), writing());
    return made;
  }

  // Something to read that turns into something to write, and back.
  function editable(made, writing) {
    made.replaceWith(writing);
    writing.querySelector("input, textarea").focus();
    const leave = () => { writing.replaceWith(made); made.querySelector("button").focus(); };
    writing.querySelector("[data-leaves]").onclick = leave;
    writing.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { event.preventDefault(); leave(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.target.form.requestSubmit(); }
    });
  }

  function form(fields, save) {
    const made = node("form", { class: "guide-form" }, ...fields,
      node("div", { class: "dialog-buttons" }, node("button", { type: "button", class: "quiet", "data-leaves": "" }, "Cancel"),
        node("button", { class: "quiet go" }, "Save")));
    made.onsubmit = (event) => { event.preventDefault(); save(new FormData(made)); };
    return made;
  }

  function writing(caption, name, value, rows, most) {
    const field = node("textarea", { name: name, rows: rows, maxlength: most, dir: "auto", class: "entry" });
    field.value = value;
    return node("label", { class: "field" }, node("span", {}, caption), field);
  }

  function line(caption, name, value, most) {
    const field = node("input", { type: "text", name: name, maxlength: most, dir: "auto", autocomplete: "off", class: "entry" });
    field.value = value;
    return node("label", { class: "field" }, node("span", {}, caption), field);
  }

  function general(guide, locked) {
    const words = node("p", { class: guide.text ? "guide-text" : "guide-text soft", dir: "auto" },
      guide.text || "Nothing is written here yet: what is this about, and what decides the hard cases?");
    const writes = () => form([writing("Guidelines", "text", guide.text, 8, guide.most)],
      (typed) => change({ do: "guidelines", text: typed.get("text") }, "text"));
    return node("div", { class: "guide-part" }, words, locked ? null : edits("text", "the guidelines", writes));
  }

  function one(c, i, locked) {
    const key = sluice.keyOf(i);
    const writes = () => node("li", {}, form(
      [line("Name", "name", c.title, 200), writing("What belongs here", "guideline", c.guideline, 3, 2000)],
      (typed) => change({ do: "class", index: i, name: typed.get("name"), guideline: typed.get("guideline") }, String(i))));
    return node("li", { class: "guide-part class-" + (i % 8 + 1) },
      node("div", {},
        node("span", { class: "swatch", "aria-hidden": "true" }), node("b", { dir: "auto" }, c.title), key ? node("kbd", {}, key.toUpperCase()) : null,
        c.guideline ? node("p", { class: "guide-text", dir: "auto" }, c.guideline) : null),
      locked ? null : edits(String(i), c.title, writes));
  }

  function another() {
    const field = line("Another class", "name", "", 200);
    field.querySelector("input").dataset.edits = "another";
    const made = node("form", { class: "guide-another" }, field, node("button", { class: "quiet go" }, "Add"));
    made.onsubmit = function (event) {
      event.preventDefault();
      change({ do: "class", index: null, name: new FormData(made).get("name") }, "another");
    };
    return made;
  }

  clicks["label-guide"] = openGuide;
  clicks["label-guide-close"] = () => dialog().close();

  Object.assign(sluice, { openGuide });
})(window.dash_clientside.sluice);
