// On every page of the console: the reader's own time beside each other one, and the keyboard's way
// to what only a mouse could click.
"use strict";

(() => {
  const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  // Swedish writes a date and a time the way ISO 8601 does.
  const here = new Intl.DateTimeFormat("sv-SE", PARTS);
  const named = new Intl.DateTimeFormat("sv-SE", { ...PARTS, timeZoneName: "short" });
  const MENU = { de: "Menü" };

  function addTime(time) {
    const at = new Date(time.dateTime);
    if (here.format(at) === time.dataset.shown) return;
    const beside = document.createElement("small");
    beside.className = "ev-here";
    beside.textContent = `(${named.format(at)})`;
    time.after(" ", beside);
  }

  function letKeyboardIn(element) {
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    if (element.textContent.trim() === "dock_to_right") {
      element.setAttribute("aria-label", MENU[document.documentElement.lang] ?? "Menu");
    }
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      element.click();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("time[data-shown]").forEach(addTime);
    document.querySelectorAll("#header-inner span[x-on\\:click], a[x-on\\:click]:not([href])")
      .forEach(letKeyboardIn);
  });
})();
