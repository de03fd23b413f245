/* What several pages need of the browser. One namespace, no build step: the files beside this one
   are loaded after it, in the order of their names, and add to `sluice`. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.sluice = (function () {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const props = (id, values) => window.dash_clientside.set_props(id, values);
  const number = new Intl.NumberFormat("en-US");
  const percent = (x, digits) => (100 * x).toFixed(digits === undefined ? 2 : digits) + "%";

  function read(key) {
    try { return localStorage.getItem("sluice:" + key); } catch (e) { return null; }
  }
  function write(key, value) {
    try { localStorage.setItem("sluice:" + key, value); } catch (e) { /* private window */ }
  }

  function fresh() {
    if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  function node(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "class") made.className = value;
      else if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    for (const child of children) if (child !== null) made.append(child);
    return made;
  }

  function show(id, text) {
    $(id).textContent = text || "";
    $(id).hidden = !text;
  }

  function typing(target) {
    return target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  }

  // What the buttons with an id do; each file adds its own.
  const clicks = {};
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[id]");
    if (button && clicks[button.id]) clicks[button.id]();
  });

  return { $, props, number, percent, read, write, fresh, node, show, typing, clicks };
})();
