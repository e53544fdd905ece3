// What the customer's page does better with a script. It works without.
"use strict";
(() => {
  const root = document.getElementById("pb-wallet");
  if (!root) return;
  const all = (selector, within = root) => within.querySelectorAll(selector);

  // Time is the server's: the clock of whoever looks may be wrong by any amount, but it runs as fast as ours.
  const offset = Date.parse(root.dataset.serverNow) - Date.now();
  const say = (pattern, ...figures) => figures.reduce((text, figure, i) => text.replace(`{${i}}`, figure), pattern);

  function left(ends) {
    const seconds = Math.floor((Date.parse(ends) - Date.now() - offset) / 1000);
    if (seconds <= 0) return null;
    if (seconds >= 48 * 3600) return say(root.dataset.leftDays, Math.floor(seconds / 86400));
    if (seconds >= 3600) return say(root.dataset.leftHours, Math.floor(seconds / 3600), Math.floor(seconds % 3600 / 60));
    return say(root.dataset.leftMinutes, Math.floor(seconds / 60), seconds % 60);
  }

  // At its end a coupon is expired here as well: what would use it goes away.
  function end(element) {
    element.textContent = root.dataset.leftNone;
    delete element.dataset.ends;
    const coupon = element.closest(".pb-coupon");
    coupon.dataset.status = "expired";
    coupon.classList.replace("pb-is-active", "pb-is-expired");
    all(".pb-tag", coupon).forEach((tag) => { tag.textContent = root.dataset.ended; });
    all(".pb-usable", coupon).forEach((usable) => { usable.remove(); });
  }

  function count() {
    all("[data-ends]").forEach((element) => {
      const text = left(element.dataset.ends);
      if (text === null) end(element);
      else if (element.textContent !== text) element.textContent = text;
    });
  }
  count();
  window.setInterval(count, 1000);
  document.addEventListener("visibilitychange", count);

  // Copying. The code can be selected by hand where a browser does not let a script copy.
  const said = document.getElementById("pb-said");
  if (navigator.clipboard) {
    all("[data-copy]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(button.dataset.copy);
          said.textContent = button.dataset.copied;
        } catch { /* not allowed: the code stands there to be selected */ }
      });
    });
  }

  // A conversion on its way is asked for until there is something to show.
  all("[data-poll]").forEach((element) => {
    const ask = async () => {
      try {
        const answer = await fetch(element.dataset.poll, { credentials: "same-origin" });
        if (answer.status !== 202 && answer.status !== 429 && answer.status !== 503) { window.location.reload(); return; }
      } catch { /* the network is away: ask again */ }
      window.setTimeout(ask, Number(element.dataset.every));
    };
    window.setTimeout(ask, Number(element.dataset.every));
  });

  const form = document.getElementById("pb-form");
  if (!form) return;
  const points = form.elements.points, seen = form.elements.seen, preview = document.getElementById("pb-preview"), busy = document.getElementById("pb-busy");
  document.getElementById("pb-show").hidden = true;

  // The coupon that the number would make, as the server reckons it. An answer that is no longer asked for is dropped.
  let asked = points.value, waiting = 0;
  async function look() {
    const value = points.value;
    asked = value;
    try {
      const answer = await fetch(`${form.dataset.preview}?${new URLSearchParams({ locale: form.dataset.locale, points: value })}`, { credentials: "same-origin" });
      if (!answer.ok || asked !== value) return;
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const next = holder.content.querySelector(".pb-preview");
      if (!next || asked !== value) return;
      preview.replaceChildren(next);
      seen.value = next.dataset.seen;
    } catch { /* the network is away: the server shows the coupon before it makes one that was not seen */ }
  }
  function changed() {
    seen.value = "";
    asked = points.value;
    preview.firstElementChild?.classList.add("pb-asking");
    all("[data-points]").forEach((link) => {
      if (link.dataset.points === points.value) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    window.clearTimeout(waiting);
    if (points.value) waiting = window.setTimeout(look, 300);
  }
  points.addEventListener("input", changed);
  all("[data-points]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    points.value = link.dataset.points;
    changed();
  }));
  all("[data-step]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (button.dataset.step === "1") points.stepUp(); else points.stepDown();
      changed();
    });
  });

  // A form is sent once, however often its button is pressed; a page that comes back can send it again.
  const make = document.getElementById("pb-make");
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    make.setAttribute("aria-disabled", "true");
    busy.textContent = form.dataset.busy;
    busy.classList.add("pb-busy");
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    delete form.dataset.sent;
    make.removeAttribute("aria-disabled");
    busy.textContent = "";
    busy.classList.remove("pb-busy");
  });
})();
