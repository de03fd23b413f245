/* Analytics pages: the controls, the address, the links to each chart's data. */
(function (sluice) {
  "use strict";

  const { props } = sluice;

  // A pressed segment is the data of the store that its row is for.
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest(".segments[data-for] button");
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
    sluice.links(root.dataset.slug);
    document.querySelectorAll("a[data-chart]").forEach((a) => { a.search = choices.toString(); });
    return choices.toString();
  }

  Object.assign(sluice, { choose });
})(window.dash_clientside.sluice);
