/* What stands around every page: navigation, theme, toasts. */
(function (sluice) {
  "use strict";

  const { $, props, read, write, node, clicks } = sluice;

  function theme(name) {
    document.documentElement.setAttribute("data-bs-theme", name);
    write("theme", name);
    named();
  }

  let told = null; // the theme that Dash knows of
  function named() {
    const name = document.documentElement.getAttribute("data-bs-theme");
    if ($("frame-theme")) $("frame-theme").textContent = name === "dark" ? "Light" : "Dark";
    if (told !== name) { told = name; props("frame-theme-name", { data: name }); }
  }

  document.addEventListener("change", function (event) {
    if (event.target.id === "frame-picker") props("_pages_location", { search: "?experiment=" + encodeURIComponent(event.target.value) });
  });

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function (event) {
    if (!read("theme")) { document.documentElement.setAttribute("data-bs-theme", event.matches ? "dark" : "light"); named(); }
  });

  function links(slug) {
    document.querySelectorAll("#frame-nav a.page").forEach(function (a) {
      const path = a.pathname;
      const href = path + (slug ? "?experiment=" + encodeURIComponent(slug) : "");
      if (a.getAttribute("href") !== href) props(a.id, { href: href });
    });
  }

  function navigate(path, search) {
    if (path !== "/") sluice.leave();
    document.querySelectorAll("#frame-nav a.page").forEach(function (a) {
      const here = a.pathname === path;
      a.classList.toggle("on", here);
      if (here) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
      if (here) $("frame-nav").scrollLeft = a.offsetLeft - ($("frame-nav").clientWidth - a.offsetWidth) / 2; // a phone shows a part
    });
    const slug = new URLSearchParams(search || "").get("experiment");
    if (slug) links(slug);
    named();
    return path;
  }

  function receipt(data) {
    if (data) sluice.ended(data);
    if (data && $("label-root")) sluice.look();
    if (data && (data.state === "busy" || data.state === "refused")) toast(data.message);
    return data ? data.nonce : null;
  }

  function toast(text, stays) {
    const made = node("div", { class: "toast-line" }, text);
    $("frame-toasts").append(made);
    if (!stays) setTimeout(() => made.remove(), 6000);
    return made;
  }

  function trouble(data) {
    if (data) toast(data.sentence);
    return data ? data.nonce : null;
  }

  // Dash tells a callback that failed to the console alone. The browser's own record of requests
  // tells it here, and nothing has to stand between a request and its answer.
  const failed = { gone: null, broken: null };
  function answered(status) {
    if (status && failed.gone) { failed.gone.remove(); failed.gone = null; }
    if ($("label-root") || !$("frame-toasts")) return; // labeling tells what is not saved itself
    if (status === 0 && !failed.gone) {
      failed.gone = toast("Sluice does not answer, so this page stands still. It goes on by itself once the server runs again.", true);
    } else if (status >= 500 && !(failed.broken && failed.broken.isConnected)) {
      failed.broken = toast("The server could not work this out. Reload the page; if it fails again, the server's log says why.");
    }
  }

  if (window.PerformanceObserver) {
    new PerformanceObserver(function (list) {
      for (const request of list.getEntries()) if (request.name.includes("/_dash-update-component")) answered(request.responseStatus);
    }).observe({ type: "resource" });
  }

  clicks["frame-theme"] = () => theme(document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark");

  Object.assign(sluice, { links, navigate, receipt, toast, trouble });
})(window.dash_clientside.sluice);
