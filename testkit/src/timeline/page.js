"use strict";
(() => {
  const rows = [...document.querySelectorAll(".row")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const topics = [...document.querySelectorAll("[data-topic-filter]")];
  const lanes = [...document.querySelectorAll("[data-lane-filter]")];
  const search = document.getElementById("search");
  const count = document.getElementById("count");

  const show = () => {
    const hiddenTopics = new Set(topics.filter((box) => !box.checked).map((box) => box.dataset.topicFilter));
    const hiddenLanes = new Set(lanes.filter((box) => !box.checked).map((box) => box.dataset.laneFilter));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      const hide = hiddenTopics.has(row.dataset.topic) || hiddenLanes.has(row.dataset.lane)
        || !words.every((word) => texts[place].includes(word));
      row.hidden = hide;
      if (!hide) shown += 1;
    });
    const reached = rows.some((row) => !row.hidden && row.tabIndex === 0);
    const first = rows.find((row) => !row.hidden);
    if (!reached && first) first.tabIndex = 0;
    count.textContent = `${shown} of ${rows.length} entries`;
  };
  [...topics, ...lanes].forEach((box) => box.addEventListener("change", show));
  search.addEventListener("input", show);

  const pin = (row) => {
    const was = row.classList.contains("pinned");
    rows.forEach((other) => other.classList.remove("pinned"));
    row.classList.toggle("pinned", !was);
  };
  const visible = (from, step) => {
    for (let place = from + step; place >= 0 && place < rows.length; place += step) {
      if (!rows[place].hidden) return rows[place];
    }
    return null;
  };
  // One entry is in the order of the tabulator; arrows move between them.
  rows.forEach((row, place) => { row.tabIndex = place === 0 ? 0 : -1; });
  rows.forEach((row, place) => {
    row.addEventListener("focus", () => {
      rows.forEach((other) => { if (other.tabIndex === 0) other.tabIndex = -1; });
      row.tabIndex = 0;
    });
    row.addEventListener("click", (event) => {
      if (!event.target.closest(".detail")) pin(row);
    });
    row.addEventListener("keydown", (event) => {
      if (event.target !== row) return;
      const next = {
        ArrowDown: () => visible(place, 1),
        ArrowUp: () => visible(place, -1),
        Home: () => visible(-1, 1),
        End: () => visible(rows.length, -1),
      }[event.key]?.();
      if (next !== undefined) {
        if (next) { next.focus(); event.preventDefault(); }
      } else if (event.key === "Enter") {
        pin(row);
      } else if (event.key === "Escape") {
        rows.forEach((other) => other.classList.remove("pinned"));
      }
    });
  });
  show();
})();
