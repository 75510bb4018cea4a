/* The fax pages: selection, viewer, and putting one together. Everything here works without it, more slowly. */
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (name, run, capture = false) => document.addEventListener(name, run, capture);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/* ---- selection: how many, and a box over all that shows some ---- */
let lastBox;
const boxes = () => $$("#faxes [name=chosen]");
const counted = () => {
  const words = $("#fax-chosen"), all = $("#faxes [data-checks]");
  if (!words || !all) return;
  const chosen = boxes().filter((box) => box.checked).length;
  words.textContent = fill(words.dataset.text, { n: chosen });
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && chosen < boxes().length;
};
on("change", ({ target }) => { if (target.closest("#faxes")) counted(); });
on("click", (event) => { /* with Shift: the whole range */
  const box = event.target;
  if (!box.matches?.("#faxes [name=chosen]")) return;
  const all = boxes(), from = all.indexOf(lastBox), to = all.indexOf(box);
  if (event.shiftKey && from >= 0) for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
  lastBox = box;
  counted();
});
/* what is selected stays: the list renews itself when nothing is */
on("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (elt.id === "fax-list" && requestConfig.triggeringEvent?.type.startsWith("sse:") && $("#faxes [name=chosen]:checked")) event.preventDefault();
});

/* ---- the viewer ---- */
const ZOOMS = ["fit", "50", "75", "100", "150", "200"];
const pages = () => $$("#fax-pages > .fax-page");
let shown = 0, watcher;
const show = (index) => {
  const all = pages(), out = $("#fax-page");
  shown = Math.max(0, Math.min(index, all.length - 1));
  if (out) out.lastChild.textContent = fill(out.dataset.text, { n: shown + 1, all: all.length });
};
const turnTo = (index) => {
  show(index);
  const page = pages()[shown];
  page?.scrollIntoView({ block: "start" });
};
const zoomTo = (step) => {
  const area = $("#fax-pages"), out = $("#fax-zoom");
  let at = ZOOMS.indexOf(area.dataset.zoom);
  /* from "fit", go on from what that is now */
  if (at === 0) {
    const now = (pages()[0].getBoundingClientRect().width / 816) * 100;
    at = ZOOMS.findIndex((one, i) => i && Number(one) >= now);
    if (step > 0) at = (at < 0 ? ZOOMS.length : Number(ZOOMS[at]) > now ? at : at + 1) - 1;
    else if (at < 0) at = ZOOMS.length;
  }
  const next = ZOOMS[Math.max(1, Math.min(at + step, ZOOMS.length - 1))];
  area.dataset.zoom = step ? next : "fit";
  out.textContent = step ? `${next}%` : out.dataset.fit;
  pages()[shown]?.scrollIntoView({ block: "start" });
};
const watch = () => {
  watcher?.disconnect();
  const area = $("#fax-pages");
  if (!area) return;
  watcher = new IntersectionObserver((seen) => {
    const top = area.getBoundingClientRect().top + 80;
    if (seen.length) show(pages().findLastIndex((page) => page.getBoundingClientRect().top <= top + 40));
  }, { root: area, threshold: [0, 0.05, 0.25, 0.5, 0.75, 1] });
  pages().forEach((page) => watcher.observe(page));
};
on("click", (event) => {
  const link = event.target.closest?.("[data-page], [data-zooms], .fax-thumbs a");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.page) turnTo(shown + Number(link.dataset.page));
  else if (link.dataset.zooms) zoomTo(Number(link.dataset.zooms));
  else {
    link.closest("details").open = false;
    turnTo(pages().findIndex((page) => `#${page.id}` === link.hash));
  }
});
on("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  if (document.documentElement.dataset.shortcuts === "off") return;
  const key = event.key, area = $("#fax-pages");
  const row = document.activeElement?.closest(".fax-row");
  const act = (run) => { event.preventDefault(); run(); };
  if (key === "x" && row) return act(() => $("[name=chosen]", row).click());
  if (key === "j" || key === "k") {
    const rows = $$("[data-row]"), at = rows.indexOf(document.activeElement);
    if (rows.length) act(() => rows[key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)].focus());
  } else if (key === "r" && $("[data-key=r]")) act(() => $("[data-key=r]").click());
  else if (!area) return;
  else if (key === "ArrowRight" || key === "ArrowLeft") act(() => turnTo(shown + (key === "ArrowRight" ? 1 : -1)));
  else if (key === "+" || key === "=") act(() => zoomTo(1));
  else if (key === "-") act(() => zoomTo(-1));
  else if (key === "0") act(() => zoomTo(0));
  else if (key === "t") act(() => $("[data-turns]").click());
});

/* ---- putting one together: files by dropping, pages by dragging ---- */
const upload = (files) => {
  const input = $("#files"), button = $("#add-files");
  if (!input || !files?.length) return;
  if (input.files !== files) input.files = files;
  button.click(); /* htmx asks which button was clicked */
};
on("change", ({ target }) => {
  if (target.id === "files") upload(target.files);
  if (target.id === "camera" && target.files.length) upload(target.files);
});
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
for (const name of ["dragenter", "dragover"]) on(name, (event) => {
  const area = $(".fax-drop");
  if (!area || !carriesFiles(event)) return;
  event.preventDefault();
  area.classList.add("is-over");
});
on("dragleave", (event) => { if (!event.relatedTarget) $(".fax-drop")?.classList.remove("is-over"); });
on("drop", (event) => {
  const area = $(".fax-drop");
  if (!area || !carriesFiles(event)) return;
  event.preventDefault();
  area.classList.remove("is-over");
  upload(event.dataTransfer.files);
});
let dragged;
on("dragstart", ({ target }) => { if (target.matches?.("[data-place]")) { dragged = target; target.classList.add("is-dragged"); } });
on("dragover", (event) => {
  const over = dragged && event.target.closest?.("[data-place]");
  for (const one of $$(".is-target")) if (one !== over) one.classList.remove("is-target");
  if (!over || over === dragged) return;
  event.preventDefault();
  over.classList.add("is-target");
});
on("drop", (event) => {
  const over = dragged && event.target.closest?.("[data-place]");
  if (!over || over === dragged) return;
  event.preventDefault();
  const button = $("#move-page");
  button.value = `to:${dragged.dataset.place}:${over.dataset.place}`;
  button.click();
});
on("dragend", () => {
  dragged?.classList.remove("is-dragged");
  $(".is-target")?.classList.remove("is-target");
  dragged = null;
});

const start = () => { counted(); watch(); };
on("htmx:afterSettle", start);
start();
