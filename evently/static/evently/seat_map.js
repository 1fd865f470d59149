// The seat map of an event's page: fetched as JSON, drawn as buttons where somebody looks, kept up to date.
"use strict";

(() => {
  const LETTERS = { available: "", held: "H", booked: "B", blocked: "×" };
  // Whether a key leads to another row, and how far.
  const WAYS = {
    ArrowRight: [false, 1], ArrowLeft: [false, -1], ArrowDown: [true, 1], ArrowUp: [true, -1],
  };
  const REFRESH_MILLISECONDS = 4000;
  const SEATS_PER_BLOCK = 500;
  // Every so often all seats are looked at: somebody's name may change, and no status.
  const LOOKS_PER_WHOLE = 15;

  function start(root) {
    const { url, labels: rawLabels } = root.dataset;
    const labels = JSON.parse(rawLabels);
    const grid = root.querySelector("[data-seats]");
    const detail = root.querySelector("[data-detail]");
    const counts = root.querySelector("[data-counts]");
    const message = root.querySelector("[data-message]");
    const endings = root.querySelectorAll("[data-ends]"); // forms: what ends seats of that status
    const seats = new Map(); // by id, in the order of the map, with the block that each is in
    const buttons = new Map(); // of the seats whose block has been drawn
    const chosen = new Set();
    const numbers = { available: 0, held: 0, booked: 0, blocked: 0 };
    let order = [];
    let rows = []; // of a hall that has them, the ids in each
    let stop = 0; // the one seat that Tab comes to; arrows go on from there
    let etag = "";
    let version = "";
    let looks = 0;

    function describe(seat) {
      const [, number, status, holder, since] = seat;
      return [number, labels[status], holder, since].filter(Boolean).join(" · ");
    }

    function choose(id, isChosen) {
      isChosen ? chosen.add(id) : chosen.delete(id);
      buttons.get(id)?.setAttribute("aria-pressed", String(isChosen));
    }

    function offerActions() {
      root.querySelectorAll("[data-do]").forEach((button) => { button.disabled = !chosen.size; });
      endings.forEach((form) => { form.querySelector("button").disabled = !chosenClaims(form).length; });
    }

    // All of them, or none where all were chosen already.
    function chooseAll(ids) {
      const isChosen = !ids.every((id) => chosen.has(id));
      ids.forEach((id) => choose(id, isChosen));
      offerActions();
    }

    // The bookings or holds that a form is about, each once.
    function chosenClaims(form) {
      const ended = [...chosen].map((id) => seats.get(id)).filter((seat) => seat.status === form.dataset.ends);
      return [...new Set(ended.map((seat) => seat.claim).filter(Boolean))];
    }

    // What their list takes for its rows that were ticked.
    function tick(form) {
      form.querySelector("[data-rows]").replaceChildren(...chosenClaims(form).map((id) => {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name: "_selected_action", value: id });
        return field;
      }));
    }

    // A hall whose seats are named, B-1 … is drawn row by row.
    function layOut() {
      const byRow = Map.groupBy ? Map.groupBy(order, rowOf) : new Map();
      if (byRow.size > 1) {
        rows = [...byRow.values()];
        grid.classList.add("ev-rows");
        grid.style.setProperty("--seats", Math.max(...rows.map((row) => row.length)));
        grid.style.setProperty("--letters", Math.max(...[...byRow.keys()].map((name) => name.length)));
      }
      const lines = rows.length ? [...byRow] : inLines(columnsThatFit());
      const linesPerBlock = Math.ceil((SEATS_PER_BLOCK * lines.length) / order.length);
      for (let first = 0; first < lines.length; first += linesPerBlock) {
        addBlock(lines.slice(first, first + linesPerBlock));
      }
    }

    function inLines(width) {
      const lines = [];
      for (let first = 0; first < order.length; first += width) {
        lines.push(["", order.slice(first, first + width)]);
      }
      return lines;
    }

    // Lines of seats that are drawn together, once somebody comes near them.
    function addBlock(lines) {
      const block = document.createElement("div");
      block.className = "ev-block";
      block.style.setProperty("--lines", lines.length);
      block.lines = lines;
      for (const [, ids] of lines) ids.forEach((id) => { seats.get(id).block = block; });
      grid.append(block);
      nearness.observe(block);
    }

    function drawBlock(block) {
      if (block.childElementCount) return;
      nearness.unobserve(block);
      const parts = block.lines.flatMap(([name, ids]) => [
        ...(name ? [label(name, ids)] : []),
        ...ids.map((id) => button(id)),
      ]);
      block.append(...parts);
      block.classList.add("ev-drawn");
    }

    function label(name, ids) {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "ev-row";
      made.textContent = name;
      made.addEventListener("click", () => chooseAll(ids));
      return made;
    }

    function rowOf(id) {
      const { number } = seats.get(id);
      return number.slice(0, number.lastIndexOf("-"));
    }

    function button(id) {
      const made = document.createElement("button");
      made.type = "button";
      made.tabIndex = id === stop ? 0 : -1;
      made.dataset.id = id;
      made.setAttribute("aria-pressed", String(chosen.has(id)));
      buttons.set(id, made);
      show(id);
      return made;
    }

    function show(id) {
      const shown = buttons.get(id);
      const { status, text } = seats.get(id);
      if (!shown || shown.title === text) return;
      shown.className = `ev-seat ev-${status}`;
      shown.textContent = LETTERS[status];
      shown.title = text;
      shown.setAttribute("aria-label", text);
    }

    function take(told) {
      const isFirst = !seats.size;
      for (const seat of told) {
        const [id, number, status, , , claim] = seat;
        const known = seats.get(id);
        if (known) numbers[known.status] -= 1;
        numbers[status] += 1;
        seats.set(id, { number, status, claim, text: describe(seat), block: known?.block });
        show(id);
      }
      if (isFirst && seats.size) {
        order = [...seats.keys()];
        [stop] = order;
        layOut();
      }
      counts.textContent = Object.entries(numbers)
        .map(([status, number]) => `${labels[status]}: ${number}`).join(" · ");
    }

    // Asks for all seats, or for those that have changed since the last answer.
    async function refresh() {
      const isWhole = !version || looks % LOOKS_PER_WHOLE === 0;
      looks += 1;
      const answer = await (isWhole
        ? fetch(url, { headers: etag ? { "If-None-Match": etag } : {} })
        : fetch(`${url}?since=${version}`));
      if (answer.redirected) throw new Error("logged out");
      if (answer.status !== 200) return;
      const told = (await answer.json()).seats;
      if (isWhole) etag = answer.headers.get("ETag") ?? "";
      else if (told.length) etag = ""; // it stands for what isn't known any more
      version = answer.headers.get("Seat-Map-Version") ?? "";
      take(told);
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
      if (answer.ok) {
        [...chosen].forEach((id) => choose(id, false));
        offerActions();
      }
      await refresh();
    }

    // The session has ended, a right was taken away, or the server is away.
    function fail() {
      detail.textContent = root.dataset.failed;
    }

    function beside(id, step) {
      return order[order.indexOf(id) + step];
    }

    // The seat in the next row or the one before, or the last there if that row is shorter.
    function across(id, step) {
      if (!rows.length) return beside(id, step * columns());
      const number = rows.findIndex((ids) => ids.includes(id));
      const ids = rows[number + step];
      return ids?.[Math.min(rows[number].indexOf(id), ids.length - 1)];
    }

    function move(from, next) {
      if (!next) return;
      drawBlock(seats.get(next).block);
      from.tabIndex = -1;
      stop = next;
      buttons.get(next).tabIndex = 0;
      buttons.get(next).focus();
    }

    function columns() {
      return getComputedStyle(grid.firstElementChild).gridTemplateColumns.split(" ").length;
    }

    // Found out by a block without seats.
    function columnsThatFit() {
      const block = document.createElement("div");
      block.className = "ev-block ev-drawn";
      grid.append(block);
      const fitting = columns();
      block.remove();
      return fitting;
    }

    const nearness = new IntersectionObserver(
      (met) => met.forEach(({ isIntersecting, target }) => { if (isIntersecting) drawBlock(target); }),
      { root: grid, rootMargin: "100%" },
    );

    let last = null;
    grid.addEventListener("click", ({ target, shiftKey }) => {
      const id = Number(target.dataset.id);
      if (!id) return;
      const [from, to] = [order.indexOf(shiftKey && last ? last : id), order.indexOf(id)];
      if (from === to) choose(id, !chosen.has(id));
      else order.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((each) => choose(each, true));
      offerActions();
      last = id;
    });
    for (const kind of ["mouseover", "focusin"]) {
      grid.addEventListener(kind, ({ target }) => { if (target.title) detail.textContent = target.title; });
    }
    grid.addEventListener("keydown", (event) => {
      const way = WAYS[event.key];
      const id = Number(event.target.dataset.id);
      if (!way || !id) return;
      event.preventDefault();
      const [isAcross, step] = way;
      move(event.target, isAcross ? across(id, step) : beside(id, step));
    });
    root.querySelectorAll("[data-do]").forEach((each) => {
      each.addEventListener("click", () => {
        if (window.confirm(`${each.textContent.trim()}? (${chosen.size})`)) change(each.dataset.do).catch(fail);
      });
    });

    endings.forEach((form) => form.addEventListener("submit", () => tick(form)));

    // One after the other.
    async function follow() {
      if (!document.hidden) await refresh().catch(fail);
      setTimeout(follow, REFRESH_MILLISECONDS);
    }

    follow();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-seat-map]").forEach(start);
  });
})();
