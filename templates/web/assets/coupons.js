// The memo's counter: characters as people count them, and a line's end as one.
"use strict";
document.querySelectorAll("textarea[data-most]").forEach((area) => {
  const counter = document.getElementById(area.dataset.counter);
  const most = Number(area.dataset.most);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const forms = new Intl.PluralRules(document.documentElement.lang);
  const say = (name, n) => (forms.select(n) === "one" ? counter.dataset[`${name}One`] : counter.dataset[name]).replace("{0}", number.format(n));
  const count = () => {
    const left = most - [...area.value].length;
    counter.textContent = say(left < 0 ? "over" : "said", Math.abs(left));
    counter.classList.toggle("over", left < 0);
    // Read out only when it begins to matter.
    if (left <= 100) counter.setAttribute("role", "status"); else counter.removeAttribute("role");
    area.setCustomValidity(left < 0 ? counter.textContent : "");
  };
  area.addEventListener("input", count);
  counter.hidden = false;
  count();
});
