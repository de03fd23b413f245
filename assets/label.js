/* The labeling page: what is on the screen, and the wishes on their way to the server.
   Replies are plain data; nothing here knows a truth. The files in `label/` paint and listen. */
(function (sluice) {
  "use strict";

  const { $, props, fresh } = sluice;

  const ready = 150; // ms a sample has to be on the screen before a press counts
  const patience = 4000; // ms without a reply before a wish is sent again
  const pollEvery = 300; // ms between looks at a running job
  const seeks = 3; // times that one of several people asks for a question before a job looks for it
  const waitEvery = 3000; // ms between looks at whether others have left a question
  const askAgain = 60000; // ms after which work that did not begin is asked for once more

  // `wish` is the one press on its way; `names` tells which classes are known here; `mine` is the
  // work that was begun here last, until its receipt comes.
  const desk = {
    view: null, classes: [], names: "", shown: null, shownAt: 0,
    n: 0, wish: null, poll: 0, asked: {}, mine: null, sought: 0,
  };

  // The page's one callback, called as Dash's renderer calls it, but without the renderer's two
  // trips through its store, which take longer than the server's work.
  function call(wish) {
    const prefix = JSON.parse($("_dash-config").textContent).requests_pathname_prefix || "/";
    const body = {
      output: "label-reply.data", outputs: { id: "label-reply", property: "data" },
      inputs: [{ id: "label-outbox", property: "data", value: wish }],
      changedPropIds: ["label-outbox.data"], parsedChangedPropsIds: ["label-outbox.data"],
    };
    return fetch(prefix + "_dash-update-component", {
      method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    }).then((reply) => {
      if (!reply.ok) throw new Error("the server answered " + reply.status);
      return reply.json();
    }).then((reply) => {
      const data = reply.response["label-reply"].data;
      if (data.again) throw new Error("the server says: " + data.trouble.replace(/\.$/, ""));
      return data;
    });
  }

  function addressed(wish) {
    desk.n += 1;
    return Object.assign({ n: desk.n, slug: desk.view ? desk.view.slug : "", names: desk.names }, wish);
  }

  // Sends a wish, again with the same key until a reply comes or nobody wants it any more.
  function insist(wish, wanted) {
    const asks = wanted || (() => true);
    return new Promise(function (done) {
      function attempt(count) {
        let over = false;
        const timer = setTimeout(() => again("the server does not answer, sending again", 0), patience * Math.min(count, 4));
        function again(why, wait) {
          if (over || !asks()) return;
          over = true;
          clearTimeout(timer);
          if (!onlyLooks(wish)) sluice.status("error", "Not saved yet: " + why);
          setTimeout(() => { if (asks()) attempt(count + 1); }, wait);
        }
        call(wish).then(
          (reply) => { clearTimeout(timer); if (!over && asks()) { over = true; done(reply); } },
          (error) => again(error.message.startsWith("the server") ? error.message + ", sending again" : "the server cannot be reached, trying again", Math.min(500 * count, 4000)));
      }
      attempt(1);
    });
  }

  // One wish at a time may change what is on the screen.
  function send(wish) {
    const mine = addressed(wish);
    desk.wish = mine;
    insist(mine, () => desk.wish === mine).then(sluice.paint);
  }

  // Why a wish was not fulfilled, or nothing.
  const refusal = (reply) => (reply.refused ? reply.notice : reply.missing || reply.slug === "" ? reply.trouble : "");

  // What came back beside the presses is painted unless it is overtaken.
  function refresh(view) {
    const now = desk.view;
    const newer = $("label-root") && !desk.wish && now && view.uid === now.uid && view.head >= now.head;
    if (newer) sluice.paint(view);
    return newer;
  }

  const onlyLooks = (wish) => wish.do === "look" || wish.do === "next";
  const busy = () => desk.wish !== null && !onlyLooks(desk.wish);

  function answer(label) {
    const query = desk.view && desk.view.query;
    if (!query || busy() || desk.view.state !== "ready") return false;
    const waited = performance.now() - desk.shownAt;
    if (waited < ready || desk.classes[label] === undefined && label !== null) return false;
    clearTimeout(desk.poll);
    send({
      do: label === null ? "pass" : "answer", position: query.position, label: label,
      key: desk.shown, milliseconds: Math.round(waited),
    });
    sluice.status("ready", "Saving");
    sluice.pressed(label);
    return true;
  }

  function undo() {
    const last = desk.view && desk.view.last;
    if (!last || busy() || desk.view.job) return;
    send({ do: "undo", target: last.seq, key: fresh() });
  }

  function start(kind, count) {
    const view = desk.view;
    // The nonce keeps two pages from sharing a result.
    const wish = { kind: kind, slug: view.slug, count: count || null, nonce: fresh() };
    desk.mine = { wish: wish, uid: view.uid, at: Date.now(), before: view.lost ? view.lost.id : "", seen: false, stop: false };
    $("label-oracle").hidden = true;
    sluice.progress(view);
    props("frame-job-request", { data: wish });
    clearTimeout(desk.poll);
    desk.poll = setTimeout(look, pollEvery);
  }

  // Work that was begun here and not seen yet: a process has to start first, or a worker to come.
  function awaited(view) {
    const mine = desk.mine;
    return !!mine && !mine.seen && !view.job && mine.uid === view.uid && mine.at > Date.now() - askAgain && !!(view.start || view.offer || mine.wish.kind === "oracle");
  }

  // Known truth that was being told when its process died or had to go is told to the end by
  // whoever began it.
  function resume(view) {
    const mine = desk.mine, lost = view.lost;
    if (!mine || !lost || mine.uid !== view.uid || mine.wish.kind !== lost.kind || mine.before === lost.id) return false;
    const left = mine.wish.count - lost.given;
    desk.mine = null;
    if (left > 0 && !mine.stop) start(lost.kind, left);
    return desk.mine !== null;
  }

  // What was begun here has ended, or will not begin; what had to stop is not at its end.
  function ended(receipt) {
    if (desk.mine && receipt.state !== "stopped" && (receipt.nonce === desk.mine.wish.nonce || receipt.state === "refused")) desk.mine = null;
  }

  // Work that is not there yet hears of it when it is.
  function cancel() {
    if (desk.mine) desk.mine.stop = true;
    send({ do: "stop" });
  }

  function look(wanted) {
    clearTimeout(desk.poll);
    if (!$("label-root")) return;
    if (desk.wish) desk.poll = setTimeout(look, pollEvery, wanted);
    else if (wanted === "next") send({ do: "next" });
    else send(desk.view && awaited(desk.view) ? { do: "look", waits: true } : { do: "look" });
  }

  // Where several people label, a question is asked for before a process is started to look for it,
  // and while it starts; behind somebody else's process once, and then it is waited for.
  function seek(view) {
    if (!view.next) { desk.sought = 0; return false; }
    const first = desk.sought < (view.job ? 1 : seeks);
    if (first) desk.poll = setTimeout(look, desk.sought ? pollEvery : 0, "next");
    desk.sought += 1;
    return first;
  }

  function follow(view) {
    const need = view.slug + ":" + view.uid + ":" + view.start, mine = desk.mine;
    if (mine && view.job && view.job.kind === mine.wish.kind) { // what was begun is there
      if (mine.stop && !mine.seen) { mine.seen = true; send({ do: "stop" }); return; }
      mine.seen = true;
    }
    if (mine && view.waits) mine.at = Date.now();
    if (seek(view) || resume(view)) { /* it is asked for */ }
    else if (view.start && !(desk.asked[need] > Date.now() - askAgain)) { desk.asked[need] = Date.now(); start(view.start); }
    else if (view.start || view.job || awaited(view)) desk.poll = setTimeout(look, pollEvery, view.start && view.next ? "next" : "look");
    else if (view.others) desk.poll = setTimeout(look, waitEvery);
    if (!view.start) desk.asked = {};
  }

  // The page is left: a press on its way was sent, and nobody waits for its reply.
  function leave() {
    clearTimeout(desk.poll);
    desk.wish = desk.view = desk.shown = null;
    desk.sought = 0;
    desk.names = "";
  }

  window.addEventListener("beforeunload", function (event) {
    if (busy() || sluice.marking()) event.preventDefault();
  });

  Object.assign(sluice, { desk, call, addressed, insist, refusal, refresh, send, busy, answer, undo, start, awaited, ended, cancel, look, follow, leave });
})(window.dash_clientside.sluice);
