/* A session that has ended, and what a role may not do, are told where somebody is looking. */
(function (sluice) {
  "use strict";

  const { $, node } = sluice;
  const told = { out: null, closed: null };
  const there = (line) => line && line.isConnected;

  function answered(status) {
    if (!$("frame-toasts") || !status) return;
    if (status !== 401 && told.out) { told.out.remove(); told.out = null; }
    if (status === 401 && !there(told.out)) {
      const here = window.location.pathname + window.location.search;
      const door = node("a", { href: "/sign-in?next=" + encodeURIComponent(here), target: "_blank" }, "Sign in in another tab");
      told.out = sluice.toast("You are signed out. ", true);
      told.out.append(door, ", and this page goes on: what was not saved is sent then.");
    } else if (status === 403 && !there(told.closed)) {
      told.closed = sluice.toast("Your role does not allow this; ask a lead.");
    }
  }

  if (window.PerformanceObserver) {
    new PerformanceObserver(function (list) {
      for (const request of list.getEntries()) if (request.name.includes("/_dash-update-component")) answered(request.responseStatus);
    }).observe({ type: "resource" });
  }
})(window.dash_clientside.sluice);
