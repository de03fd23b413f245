/* A file on its way in: dropped or chosen, sent as a plain POST, and what its form says. */
(function () {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const props = (id, values) => window.dash_clientside.set_props(id, values);
  const number = new Intl.NumberFormat("en-US");
  let sending = null;

  function say(id, text) {
    $(id).textContent = text || "";
    $(id).hidden = !text;
  }

  function prefix() {
    return JSON.parse($("_dash-config").textContent).requests_pathname_prefix || "/";
  }

  function megabytes(bytes) {
    return number.format(Math.max(0.1, Math.round(bytes / 1e5) / 10)) + " MB";
  }

  function send(file) {
    if (sending) sending.abort();
    say("import-refused", "");
    say("import-sent", "Sending " + file.name);
    const request = sending = new XMLHttpRequest();
    request.open("POST", prefix() + "uploads?name=" + encodeURIComponent(file.name));
    request.responseType = "json";
    request.upload.onprogress = (e) => {
      if (e.lengthComputable) say("import-sent", "Sending " + file.name + ": " + megabytes(e.loaded) + " of " + megabytes(e.total));
    };
    request.onload = () => {
      if (request !== sending || !$("import-root")) return;
      const reply = request.response || {};
      say("import-sent", "");
      if (request.status === 200) props("import-upload", { data: { upload: reply.id, nonce: reply.id } });
      else say("import-refused", reply.error || "The server refused the file (" + request.status + ").");
    };
    request.onerror = () => {
      if (request !== sending || !$("import-root")) return;
      say("import-sent", "");
      say("import-refused", "The file did not get through: the server closed the connection or cannot be reached. Try again.");
    };
    request.send(file);
  }

  // Dash has no file field that streams.
  function mounted() {
    const place = $("import-drop");
    if (!place || place.querySelector("input")) return "yes";
    const field = document.createElement("input");
    field.type = "file";
    field.id = "import-file";
    field.setAttribute("aria-label", "Choose a file");
    field.onchange = () => { if (field.files.length) send(field.files[0]); };
    place.append(field);
    const over = (on) => (event) => { event.preventDefault(); place.classList.toggle("over", on); };
    place.addEventListener("dragover", over(true));
    place.addEventListener("dragleave", over(false));
    place.addEventListener("drop", (event) => {
      over(false)(event);
      const item = event.dataTransfer.items && event.dataTransfer.items[0];
      const entry = item && item.webkitGetAsEntry && item.webkitGetAsEntry();
      if (entry && entry.isDirectory) say("import-refused", entry.name + " is a folder; drop a file of it.");
      else if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    });
    return "yes";
  }

  function read(form) {
    const data = new FormData(form);
    const found = Object.fromEntries(data);
    if (form.id === "import-form") {
      const other = $("import-differently");
      Object.assign(found, other ? Object.fromEntries(new FormData(other)) : {});
      found.fields = data.getAll("fields");
    }
    return found;
  }

  // Before the general handler, which knows nothing of lists.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.id !== "import-form" && form.id !== "import-differently") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const wish = Object.assign(JSON.parse(form.dataset.wish), read(form), { nonce: nonce() });
    props(form.dataset.send, { data: wish });
  }, true);

  function nonce() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  document.addEventListener("change", function (event) {
    const form = event.target.closest && event.target.closest("#import-form");
    if (!form) return;
    if (event.target.name === "sample") $("import-fields").hidden = event.target.value !== "row";
    if (event.target.name === "label") {
      $("import-counted").textContent = event.target.value ? "Looking for classes …" : "";
      props("import-ask", { data: Object.assign(JSON.parse(form.dataset.wish), read(form), { classes: "", nonce: nonce() }) });
    }
  });

  function running(go, done) {
    const busy = !!(go && !(done && done.nonce === go.nonce));
    if ($("import-go-button")) $("import-go-button").disabled = busy;
    if (busy && $("import-trouble")) say("import-trouble", "");
    return [!busy, !busy];
  }

  function node(tag, text, more) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    return Object.assign(made, more || {});
  }

  // On to the first question; whoever left the page is told where they are.
  function arrived(done) {
    if (!done) return null;
    const href = prefix() + (done.experiment ? "?experiment=" + encodeURIComponent(done.experiment) : "experiments");
    if (!$("import-root")) {
      const line = node("div", (done.trouble || done.sentence) + " ", { className: "toast-line" });
      if (!done.trouble && done.stream) line.append(node("a", done.experiment ? "Start labeling" : "Experiments", { href: href }));
      $("frame-toasts").append(line);
      setTimeout(() => line.remove(), 20000);
    } else if (done.trouble) {
      say("import-trouble", done.trouble);
      $("import-trouble").scrollIntoView({ block: "center" });
    } else if (done.experiment && !done.skipped.length) {
      props("_pages_location", { href: href });
    } else {
      result(done, href);
    }
    return done.nonce;
  }

  function result(done, href) {
    const place = $("import-result");
    place.hidden = false;
    place.replaceChildren(node("p", done.sentence));
    if (!done.stream) return;
    $("import-asked").replaceChildren();
    if (done.skipped.length) {
      const list = node("ul");
      list.append(...done.skipped.map((line) => node("li", line)));
      place.append(node("h2", "What was left out"), list);
    }
    place.append(node("a", done.experiment ? "Start labeling" : "To the experiments", { href: href, className: "go" }));
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { sluiceImport: { mounted: mounted, running: running, arrived: arrived } });
})();
