/* The labeling page: flags and notes. They travel beside the presses and never hold one up. */
(function (sluice) {
  "use strict";

  const { $, desk, node, fresh, clicks } = sluice;

  const steady = 150; // ms a sample has to be on the screen before it can be marked
  const ours = new Map(); // marks made here that no view has told yet, by experiment and position
  let under = 0; // how many are on their way
  let queue = Promise.resolve(); // in the order in which they were made
  let noting = null; // where the note being written belongs

  const place = (position) => desk.view.uid + ":" + position;
  const marked = (item) => Object.assign({ flag: item.flag, note: item.note }, (ours.get(place(item.position)) || {}).values);
  const marking = () => under > 0;

  // What a sample's mark looks like, in the lists.
  function marks(item) {
    const { flag, note } = marked(item);
    return [flag ? node("span", { class: "flag", role: "img", "aria-label": "Flagged", title: "Flagged" }, "⚑") : null,
      note ? node("span", { class: "noted", title: note }, note) : null].filter(Boolean);
  }

  function paintMarks() {
    const query = desk.view.query;
    if (noting && (!query || noting.key !== place(query.position))) saveNote();
    $("label-flag").hidden = $("label-jot").hidden = !query || desk.view.archived;
    const { flag, note } = query ? marked(query) : { flag: false, note: "" };
    if ($("label-flag").getAttribute("aria-pressed") !== String(flag)) $("label-flag").setAttribute("aria-pressed", String(flag));
    if ($("label-flagged").hidden === flag) $("label-flagged").hidden = !flag;
    if ($("label-noted").textContent !== note) $("label-noted").textContent = $("label-noted").title = note;
  }

  function settleMarks(view) {
    for (const [key, mark] of ours) if (mark.head && mark.uid === view.uid && mark.head <= view.head) ours.delete(key);
  }

  function mark(position, values) {
    const key = place(position), uid = desk.view.uid;
    const mine = { uid: uid, values: Object.assign({}, (ours.get(key) || {}).values, values) };
    ours.set(key, mine);
    under += 1;
    sluice.status(desk.view.state, "Saving");
    repaint();
    const wish = sluice.addressed(Object.assign({ do: "mark", position: position, key: fresh() }, values));
    queue = queue.then(() => sluice.insist(wish)).then(function (reply) {
      under -= 1;
      const refused = sluice.refusal(reply);
      if (!refused) mine.head = reply.head;
      else if (ours.get(key) === mine) ours.delete(key);
      if (sluice.refresh(reply)) return;
      if (refused) sluice.toast(refused);
      if (!$("label-root") || !desk.view) return;
      settleMarks(desk.view);
      repaint();
      if (!sluice.busy() && !marking()) sluice.status(desk.view.state, "Saved");
    });
  }

  function repaint() {
    paintMarks();
    sluice.paintLast(desk.view);
    sluice.paintRecent(desk.view);
  }

  // The sample that is on the screen, and has been for long enough to be meant.
  function meant() {
    const query = desk.view && desk.view.query;
    return query && !desk.view.archived && performance.now() - desk.shownAt >= steady ? query : null;
  }

  function flag() {
    const query = meant();
    if (query) mark(query.position, { flag: !marked(query).flag });
  }

  function openNote() {
    const query = meant();
    if (!query) return;
    const field = $("label-note-field") || writing();
    noting = { position: query.position, key: place(query.position), before: marked(query).note, back: document.activeElement };
    field.value = noting.before;
    swap(true);
    field.select();
  }

  function writing() {
    const field = node("input", { id: "label-note-field", type: "text", maxlength: 2000, autocomplete: "off", dir: "auto", class: "jot" });
    $("label-jotting").replaceChildren(node("label", {}, node("span", {}, "Note"), field), node("span", { class: "soft" }, "Enter saves, Escape leaves"));
    return field;
  }

  function swap(open) {
    $("label-jotting").hidden = !open;
    $("label-noted").hidden = open;
    $("label-jot").setAttribute("aria-expanded", String(open));
  }

  function closeNote() {
    const back = noting.back;
    noting = null;
    $("label-note-field").blur();
    swap(false);
    // Back to where it was, unless it has moved on by itself.
    if (document.activeElement === document.body && back.isConnected && back !== document.body) back.focus();
  }

  function saveNote() {
    const { position, key, before } = noting;
    const note = $("label-note-field").value.trim();
    closeNote();
    if (note !== before && key === place(position)) mark(position, { note: note });
  }

  function notedKey(event) {
    if (event.isComposing || event.repeat || !noting) return;
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Enter") saveNote(); else closeNote();
  }

  clicks["label-flag"] = flag;
  clicks["label-jot"] = () => { if (noting) saveNote(); else openNote(); };

  Object.assign(sluice, { marking, marks, paintMarks, settleMarks, flag, openNote, notedKey });
})(window.dash_clientside.sluice);
