// The page of events that are being cancelled: asks for one batch after the other, and shows how far it is.
"use strict";

(() => {
  async function finish(row) {
    const shown = row.querySelector("[data-left]");
    const bar = row.querySelector("progress");
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    let left = Number(shown.textContent);
    while (left) {
      const answer = await fetch(row.dataset.cancelling, { method: "POST", headers: { "X-CSRFToken": token } });
      if (!answer.ok) return; // the worker goes on
      ({ left } = await answer.json());
      shown.textContent = left;
      bar.value = bar.max - left;
    }
  }

  document.addEventListener("DOMContentLoaded", async () => {
    for (const row of document.querySelectorAll("[data-cancelling]")) await finish(row);
  });
})();
