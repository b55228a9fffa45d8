"use strict";
const form = document.getElementById("filter");
if (form) {
  const changes = [...document.querySelectorAll(".change")];
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const text = document.getElementById("text");
  const shown = document.getElementById("shown");
  let words = null;

  const filter = () => {
    words ??= changes.map((change) => change.textContent.toLowerCase());
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const checked = (name) => new Set(
      boxes.filter((box) => box.name === name && box.checked).map((box) => box.value));
    const actions = checked("action");
    const sides = checked("from");
    let count = 0;
    changes.forEach((change, index) => {
      const fits = actions.has(change.dataset.action)
        && (!change.dataset.from || change.dataset.from.split(" ").some((side) => sides.has(side)))
        && wanted.every((word) => words[index].includes(word));
      change.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count.toLocaleString("en")} of ${changes.length.toLocaleString("en")} shown`;
  };
  const toggle = (open) => {
    changes.forEach((change) => { if (!change.hidden) change.open = open; });
  };

  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 100);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("open").addEventListener("click", () => toggle(true));
  document.getElementById("close").addEventListener("click", () => toggle(false));
  form.hidden = false;
  filter();
}

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach((item) => { item.open = true; });
});
addEventListener("afterprint", () => closed.forEach((item) => { item.open = false; }));
