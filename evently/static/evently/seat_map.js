// The seat map of an event's page: fetched as JSON, drawn as buttons, kept up to date.
"use strict";

(() => {
  const LETTERS = { available: "", held: "H", booked: "B", blocked: "×" };
  const REFRESH_MILLISECONDS = 4000;
  const SEATS_PER_MILLISECOND = 2;

  function start(root) {
    const { url, labels: rawLabels } = root.dataset;
    const labels = JSON.parse(rawLabels);
    const grid = root.querySelector("[data-seats]");
    const detail = root.querySelector("[data-detail]");
    const counts = root.querySelector("[data-counts]");
    const message = root.querySelector("[data-message]");
    const cancelling = root.querySelector("[data-cancel]");
    const buttons = new Map();
    const bookings = new Map();
    const chosen = new Set();
    let etag = "";

    function describe(seat) {
      const [, number, status, holder, since] = seat;
      return [number, labels[status], holder, since].filter(Boolean).join(" · ");
    }

    function choose(id, isChosen) {
      isChosen ? chosen.add(id) : chosen.delete(id);
      buttons.get(id).setAttribute("aria-pressed", String(isChosen));
      root.querySelectorAll("[data-do]").forEach((button) => { button.disabled = !chosen.size; });
      if (cancelling) cancelling.querySelector("button").disabled = !chosenBookings().length;
    }

    // All of them, or none where all were chosen already.
    function chooseAll(ids) {
      const isChosen = !ids.every((id) => chosen.has(id));
      ids.forEach((id) => choose(id, isChosen));
    }

    function chosenBookings() {
      return [...chosen].map((seat) => bookings.get(seat)).filter(Boolean);
    }

    // What the list of bookings takes for its rows that were ticked.
    function tick() {
      cancelling.querySelector("[data-bookings]").replaceChildren(...chosenBookings().map((id) => {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name: "_selected_action", value: id });
        return field;
      }));
    }

    // A hall whose seats are named, B-1 … is drawn row by row.
    function layOut(seats) {
      const rows = Map.groupBy ? Map.groupBy(seats, rowOf) : new Map();
      if (rows.size < 2) return;
      grid.classList.add("ev-rows");
      grid.style.setProperty("--seats", Math.max(...[...rows.values()].map((row) => row.length)));
      for (const [name, row] of rows) {
        const label = document.createElement("button");
        label.type = "button";
        label.className = "ev-row";
        label.textContent = name;
        label.addEventListener("click", () => chooseAll(row.map(([id]) => id)));
        buttons.get(row[0][0]).before(label);
      }
    }

    function rowOf([, number]) {
      return number.slice(0, number.lastIndexOf("-"));
    }

    function button(id) {
      const made = document.createElement("button");
      made.type = "button";
      made.tabIndex = buttons.size ? -1 : 0; // one stop for Tab; arrows go on from there
      made.dataset.id = id;
      made.setAttribute("aria-pressed", "false");
      buttons.set(id, made);
      grid.append(made);
      return made;
    }

    function draw(seats) {
      const isFirst = !buttons.size;
      const numbers = { available: 0, held: 0, booked: 0, blocked: 0 };
      for (const seat of seats) {
        const [id, , status, , , booking] = seat;
        bookings.set(id, booking);
        const shown = buttons.get(id) ?? button(id);
        numbers[status] += 1;
        const text = describe(seat);
        if (shown.title === text) continue;
        shown.className = `ev-seat ev-${status}`;
        shown.textContent = LETTERS[status];
        shown.title = text;
        shown.setAttribute("aria-label", text);
      }
      if (isFirst) layOut(seats);
      counts.textContent = Object.entries(numbers)
        .map(([status, number]) => `${labels[status]}: ${number}`).join(" · ");
    }

    async function refresh() {
      const answer = await fetch(url, { headers: etag ? { "If-None-Match": etag } : {} });
      if (answer.redirected) throw new Error("logged out");
      if (answer.status !== 200) return;
      etag = answer.headers.get("ETag") ?? "";
      draw((await answer.json()).seats);
    }

    async function change(what) {
      message.textContent = "";
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
        },
        body: JSON.stringify({ action: what, seats: [...chosen] }),
      });
      const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
      if (!isOurs) throw new Error(`answered ${answer.status}`);
      const told = await answer.json();
      message.textContent = told.message;
      if (answer.ok) [...chosen].forEach((id) => choose(id, false));
      await refresh();
    }

    // The session has ended, a right was taken away, or the server is away.
    function fail() {
      detail.textContent = root.dataset.failed;
    }

    function move(from, step) {
      const all = [...buttons.values()];
      const next = all[all.indexOf(from) + step];
      if (!next) return;
      from.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }

    function columns() {
      if (grid.classList.contains("ev-rows")) return Number(grid.style.getPropertyValue("--seats"));
      return getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    }

    let last = null;
    grid.addEventListener("click", ({ target, shiftKey }) => {
      const id = Number(target.dataset.id);
      if (!id) return;
      const all = [...buttons.keys()];
      const [from, to] = [all.indexOf(shiftKey && last ? last : id), all.indexOf(id)];
      if (from === to) choose(id, !chosen.has(id));
      else all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((each) => choose(each, true));
      last = id;
    });
    for (const kind of ["mouseover", "focusin"]) {
      grid.addEventListener(kind, ({ target }) => { if (target.title) detail.textContent = target.title; });
    }
    grid.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() };
      if (!(event.key in steps) || !event.target.dataset.id) return;
      event.preventDefault();
      move(event.target, steps[event.key]);
    });
    root.querySelectorAll("[data-do]").forEach((each) => {
      each.addEventListener("click", () => {
        if (window.confirm(`${each.textContent.trim()}? (${chosen.size})`)) change(each.dataset.do).catch(fail);
      });
    });

    cancelling?.addEventListener("submit", tick);

    // One after the other, and the more seldom the greater the hall is.
    async function follow() {
      if (!document.hidden) await refresh().catch(fail);
      setTimeout(follow, Math.max(REFRESH_MILLISECONDS, buttons.size / SEATS_PER_MILLISECOND));
    }

    follow();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-seat-map]").forEach(start);
  });
})();
