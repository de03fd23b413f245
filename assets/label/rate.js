/* The labeling page: how often it asks, in words; what lies ahead is told while one chooses. */
(function (sluice) {
  "use strict";

  const { $, desk, node, fresh, show, clicks } = sluice;

  const pause = 250; // ms without typing before it is worked out what lies ahead
  let typing = 0;
  let before = ""; // what the form said at first
  let asked = 0; // only the last thing asked is told

  const dialog = () => $("label-rate-dialog");
  const wanted = () => $("label-root") && dialog().open;

  function openRate() {
    if (!desk.view || !desk.view.slug || dialog().open) return;
    $("label-rate-body").replaceChildren(node("p", { class: "soft" }, "One moment"));
    show("label-rate-problem", "");
    $("label-rate-yes").disabled = true;
    dialog().showModal();
    ask({ do: "rate" }, (rate) => {
      paintRate(rate);
      $("label-rate-yes").disabled = desk.view.archived;
    });
  }

  function ask(wish, told) {
    const mine = asked += 1;
    sluice.insist(sluice.addressed(wish), wanted).then(function (reply) {
      if (mine !== asked || !wanted()) return;
      show("label-rate-problem", sluice.refusal(reply));
      if (reply.rate) told(reply.rate);
    });
  }

  const names = { every: "One in how many samples", labels: "Labels in all", discount: "Discount factor", floor: "Floor in percent" };

  function figure(name, value) {
    const field = node("input", { type: "text", "aria-label": names[name], inputmode: "decimal", name: name, size: "6", maxlength: "12", autocomplete: "off", class: "entry" });
    field.value = value === null ? "" : String(value);
    return field;
  }

  // One of several ways to say it; typing a figure chooses its way.
  function way(choice, chosen, ...words) {
    const button = node("input", { type: "radio", name: "choice", value: choice });
    button.checked = choice === chosen;
    const made = node("label", { class: "way" }, button, node("span", {}, ...words));
    made.addEventListener("input", (event) => { if (event.target !== button) button.checked = true; });
    return made;
  }

  function paintRate(rate) {
    const rare = node("details", { class: "advanced" }, node("summary", {}, "Advanced"),
      way("discount", rate.choice, "Plain entropy with the discount factor ", figure("discount", rate.discount)),
      node("p", { class: "hint" }, "3 asks a lot, 100 little; how often depends on model and data."));
    rare.open = rate.choice === "discount";
    const made = node("form", { id: "label-rate-form" },
      node("p", { class: "soft" }, rate.so_far),
      way("one-in", rate.choice, "Ask about 1 in ", figure("every", rate.every), " samples"),
      way("labels", rate.choice, "Ask for ", figure("labels", rate.labels), " labels in all"),
      way("open", rate.choice, "Until I say stop"),
      rare,
      node("p", { id: "label-rate-ahead", role: "status" }, rate.ahead),
      node("label", { class: "floor" }, "Of what it is sure of, ask about at least ", figure("floor", rate.floor), " %"),
      node("p", { id: "label-rate-floor", class: "hint", role: "status" }, rate.floor_ahead));
    made.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      if (!event.repeat && !$("label-rate-yes").disabled) save();
    });
    made.addEventListener("input", preview);
    $("label-rate-body").replaceChildren(made);
    made.querySelector("input:checked").focus();
    before = JSON.stringify(typed());
  }

  const typed = () => Object.fromEntries(new FormData($("label-rate-form")));

  function tellAhead(rate) {
    $("label-rate-ahead").textContent = rate.ahead;
    $("label-rate-floor").textContent = rate.floor_ahead;
  }

  function preview() {
    clearTimeout(typing);
    typing = setTimeout(() => {
      if (wanted()) ask(Object.assign({ do: "rate" }, typed()), tellAhead);
    }, pause);
  }

  function save() {
    clearTimeout(typing);
    if (JSON.stringify(typed()) === before) { dialog().close(); return; } // as it was
    $("label-rate-yes").disabled = true;
    asked += 1;
    sluice.insist(sluice.addressed(Object.assign({ do: "strategy", key: fresh() }, typed()))).then(function (reply) {
      if (!$("label-root")) return;
      $("label-rate-yes").disabled = false;
      show("label-rate-problem", sluice.refusal(reply));
      if (sluice.refusal(reply)) return;
      dialog().close();
      sluice.refresh(reply);
    });
  }

  Object.assign(clicks, {
    "label-rate": openRate,
    "label-rate-no": () => dialog().close(),
    "label-rate-yes": save,
  });
})(window.dash_clientside.sluice);
