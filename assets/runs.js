/* The experiments page. */
(function (sluice) {
  "use strict";

  const { $, props } = sluice;

  // What cannot be taken back wants the name typed.
  function exact(dialog, text) {
    const name = JSON.parse(dialog.querySelector("form").dataset.wish).name;
    if (dialog.id === "experiments-delete") dialog.querySelector(".danger").disabled = text !== name;
  }

  document.addEventListener("input", function (event) {
    const dialog = event.target.closest && event.target.closest("#experiments-delete");
    if (dialog) exact(dialog, event.target.value);
  });

  // Rows keep their places while someone is about to press something in one of them.
  function hold() {
    if (!$("experiments-root")) return;
    props("experiments-tick", { disabled: !!document.querySelector("details.menu[open], form.rename:not([hidden])") });
  }
  document.addEventListener("toggle", hold, true);

  function placed(slug) {
    if (slug === null || slug === undefined) return window.dash_clientside.no_update;
    const made = new URL(window.location.href);
    if (slug) made.searchParams.set("experiment", slug); else made.searchParams.delete("experiment");
    history.replaceState(history.state, "", made);
    sluice.links(slug);
    return slug;
  }

  Object.assign(sluice, { exact, hold, placed });
})(window.dash_clientside.sluice);
