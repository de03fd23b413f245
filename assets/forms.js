/* Forms, dialogs and menus of the log and of the experiments: what they wish for goes into a
   store, and a callback fulfills it. */
(function (sluice) {
  "use strict";

  const { $, props, fresh } = sluice;

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
    if (!form.dataset.send) return;
    event.preventDefault();
    wish(form, typed(form));
    const dialog = form.closest("dialog");
    if (dialog && dialog.id !== "experiments-create") dialog.close();
    if (form.matches(".rename")) form.querySelector("[data-shows]").click();
  });

  document.addEventListener("click", function (event) {
    const target = event.target;
    const button = target.closest("button");
    if (button) press(button);
    if (target.matches("dialog.sheet")) target.close(); // a click beside it
    const menu = target.closest("details.menu");
    document.querySelectorAll("details.menu[open]").forEach((d) => { if (d !== menu || button) d.open = false; });
  });

  function press(button) {
    const what = button.dataset;
    if (what.opens) open($(what.opens), what.asks);
    if (what.closes !== undefined) button.closest("dialog").close();
    if (what.send) wish(button);
    if (what.shows) swap(what.shows, what.hides);
  }

  // Filled when it opens, and not again: the list below it may move on.
  function open(dialog, asks) {
    if (asks) {
      const about = JSON.parse(asks);
      dialog.querySelector(".asked-of").textContent = about.name;
      dialog.querySelector("form").dataset.wish = asks;
      dialog.querySelectorAll("input").forEach((field) => props(field.id, { value: "" }));
      sluice.exact(dialog, "");
    }
    closeMenus();
    dialog.showModal();
  }

  function swap(shown, hidden) {
    $(shown).hidden = false;
    $(hidden).hidden = true;
    const field = $(shown).querySelector("input");
    if (field) { field.focus(); field.select(); }
    sluice.hold();
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    closeMenus();
    const form = event.target.closest && event.target.closest("form.rename");
    if (form) form.querySelector("[data-shows]").click();
  });

  function closeMenus() {
    document.querySelectorAll("details.menu[open]").forEach((d) => { d.open = false; d.querySelector("summary").focus(); });
  }

  Object.assign(sluice, { typed });
})(window.dash_clientside.sluice);
