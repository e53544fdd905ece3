// What the console's pages do better with a script. Every page works without.
"use strict";

// An element with data-poll is replaced by what its address answers, until the answer asks for no more.
function poll(element) {
  const every = Number(element.dataset.every) || 1000;
  window.setTimeout(async () => {
    try {
      const answer = await fetch(element.dataset.poll, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      if (answer.redirected) { window.location.reload(); return; }
      if (answer.ok) {
        const html = await answer.text();
        const holder = document.createElement("template");
        holder.innerHTML = html;
        const next = holder.content.firstElementChild;
        if (next) {
          if (next.outerHTML !== element.outerHTML) {
            if (next.dataset.done) { window.location.replace(next.dataset.done); return; }
            element.innerHTML = next.innerHTML;
          }
          if (!next.dataset.poll) return;
        }
      }
    } catch { /* the network is away: ask again */ }
    poll(element);
  }, every);
}
document.querySelectorAll("[data-poll]").forEach(poll);

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button) { button.setAttribute("aria-disabled", "true"); button.classList.add("busy"); }
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  document.querySelectorAll(".busy").forEach((button) => { button.classList.remove("busy"); button.removeAttribute("aria-disabled"); });
});

// A button with data-copy copies that text and says so in its live region.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const said = document.getElementById(button.dataset.says);
  if (said) { said.textContent = button.dataset.copied; }
});
document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });

// The slash goes to the search box, wherever nothing is being typed. In a list the arrows go from row to row: from the
// search box or from nowhere into the list, and out of its first row back to the box.
function rowLinks() {
  return [...document.querySelectorAll("main table.cards tbody tr")].map((row) => row.querySelector("a[href], button")).filter(Boolean);
}
function typing(element) {
  return element.isContentEditable || element.matches("textarea, select, input:not([type=search])");
}
// The box takes the focus when the key is let go, so that the slash itself does not get into it.
let slash = false;
document.addEventListener("keyup", (event) => {
  if (event.key !== "/" || !slash) return;
  slash = false;
  const box = document.getElementById("seek");
  box.focus();
  box.select();
});
document.addEventListener("keydown", (event) => {
  const at = document.activeElement || document.body;
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    slash = !typing(at) && !at.matches("input") && document.getElementById("seek") !== null;
    if (slash) event.preventDefault();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp" || typing(at)) return;
  const links = rowLinks();
  const row = at.closest("main table.cards tbody tr");
  const here = links.findIndex((link) => row && row.contains(link));
  const outside = at === document.body || at.id === "main" || at.matches("input[type=search]");
  let next = null;
  if (here >= 0) next = links[here + (event.key === "ArrowDown" ? 1 : -1)] || (event.key === "ArrowUp" ? document.getElementById("seek") : null);
  else if (outside && event.key === "ArrowDown") next = links[0];
  if (next) { event.preventDefault(); next.focus(); }
});
