// The seat map of an event's page: fetched as JSON, drawn as buttons, kept up to date.
"use strict";

(() => {
  const LETTERS = { available: "", held: "H", booked: "B", blocked: "×" };
  const REFRESH_MILLISECONDS = 4000;

  function start(root) {
    const { url, labels: rawLabels } = root.dataset;
    const labels = JSON.parse(rawLabels);
    const grid = root.querySelector("[data-seats]");
    const detail = root.querySelector("[data-detail]");
    const counts = root.querySelector("[data-counts]");
    const message = root.querySelector("[data-message]");
    const buttons = new Map();
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
      const numbers = { available: 0, held: 0, booked: 0, blocked: 0 };
      for (const seat of seats) {
        const [id, , status] = seat;
        const shown = buttons.get(id) ?? button(id);
        numbers[status] += 1;
        const text = describe(seat);
        if (shown.title === text) continue;
        shown.className = `ev-seat ev-${status}`;
        shown.textContent = LETTERS[status];
        shown.title = text;
        shown.setAttribute("aria-label", text);
      }
      counts.textContent = Object.entries(numbers)
        .map(([status, number]) => `${labels[status]}: ${number}`).join(" · ");
    }

    async function refresh() {
      const answer = await fetch(url, { headers: etag ? { "If-None-Match": etag } : {} });
      if (answer.status !== 200) return;
      etag = answer.headers.get("ETag") ?? "";
      draw((await answer.json()).seats);
    }

    async function change(what) {
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
        },
        body: JSON.stringify({ action: what, seats: [...chosen] }),
      });
      const told = await answer.json();
      message.textContent = told.message;
      if (answer.ok) [...chosen].forEach((id) => choose(id, false));
      await refresh();
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
      return getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    }

    grid.addEventListener("click", ({ target }) => {
      const id = Number(target.dataset.id);
      if (id) choose(id, !chosen.has(id));
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
      each.addEventListener("click", () => change(each.dataset.do));
    });

    refresh();
    setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MILLISECONDS);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-seat-map]").forEach(start);
  });
})();
