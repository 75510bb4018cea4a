/* Small improvements over pages that work without them. Every part listens on the document and
   finds its elements by data attributes, so fragments swapped in later need no start-up. */
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (name, run, capture = false) => document.addEventListener(name, run, capture);
/* on click of the nearest [data-…]: the element and its value */
const press = (attribute, run) =>
  on("click", (event) => {
    const element = event.target.closest?.(`[${attribute}]`);
    if (element) run(element, element.getAttribute(attribute), event);
  });
const announce = (text, now = false) => {
  const region = $(now ? "#announce-now" : "#announce-politely");
  if (region) region.textContent = text;
};

/* ---- toasts: HX-Trigger {"toast": {text, tone, action: {label, url, method}}} and flashed ones ---- */
const startToast = (toast) => {
  const bad = toast.classList.contains("toast-bad");
  let timer;
  const wait = () => { if (!bad) timer = setTimeout(() => toast.remove(), 8000); };
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, wait);
  $(".toast-close", toast)?.addEventListener("click", () => toast.remove());
  announce($(".toast-text", toast).textContent, bad);
  wait();
};
const showToast = ({ text, tone = "ok", action }) => {
  const toast = $("#toast-template").content.cloneNode(true).firstElementChild;
  $(".toast-text", toast).textContent = text;
  if (tone === "bad") {
    toast.classList.add("toast-bad");
    const use = $("use", toast);
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#circle-alert"));
  }
  if (action && new URL(action.url, location).origin === location.origin) {
    const part = $(action.method === "get" ? ".toast-link" : "form", toast);
    part.hidden = false;
    part[action.method === "get" ? "href" : "action"] = action.url;
    (part.tagName === "A" ? part : $("button", part)).textContent = action.label;
  }
  $("#toasts").append(toast);
  startToast(toast);
};
on("toast", (event) => showToast(event.detail.value ?? event.detail));

/* ---- dialogs and drawers: the browser traps focus and gives it back ---- */
press("data-opens", (element, id, event) => {
  const dialog = document.getElementById(id);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
const leave = (dialog) => {
  if (dialog.dataset.dirty && !confirm(document.body.dataset.unsaved ?? "Close without saving?")) return false;
  delete dialog.dataset.dirty;
  return true;
};
press("data-closes", (element) => {
  const dialog = element.closest("dialog");
  if (dialog && leave(dialog)) dialog.close();
});
on("cancel", (event) => { if (!leave(event.target)) event.preventDefault(); }, true);
on("input", ({ target }) => { const drawer = target.closest("dialog.drawer"); if (drawer) drawer.dataset.dirty = 1; });
on("drawer-close", () => { const drawer = $("#drawer"); delete drawer.dataset.dirty; drawer.close(); });
on("input", ({ target }) => {
  if (!("confirms" in target.dataset)) return;
  $("[type=submit]", target.form).disabled = target.value.trim() !== target.dataset.confirms;
});

/* ---- small panels: Escape and a click elsewhere close them ---- */
on("click", ({ target }) => {
  for (const open of $$("details.pop[open]")) if (!open.contains(target)) open.open = false;
});
on("keydown", (event) => {
  const open = event.key === "Escape" && $("details.pop[open]");
  if (!open) return;
  open.open = false;
  event.preventDefault(); /* it closes this and goes nowhere */
  $("summary", open).focus();
});
/* the menu of a phone is the target of a link; leaving it by a click on a page link is enough */
on("keydown", ({ key }) => { if (key === "Escape" && location.hash === "#menu") location.hash = "#main"; });

/* ---- copy, show password, theme, rows that open ---- */
press("data-copy", async (element, text) => {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  showToast({ text: element.dataset.copied });
});
press("data-reveals", (element, id) => {
  const input = document.getElementById(id);
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  element.setAttribute("aria-pressed", String(!shown));
  const use = $("use", element);
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, shown ? "#eye" : "#eye-off"));
});
press("data-prints", () => print());
press("data-theme-choice", (element, theme) => {
  if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
  try { theme ? localStorage.setItem("theme", theme) : localStorage.removeItem("theme"); } catch { /* this page only */ }
});
on("click", (event) => {
  const link = event.target.closest?.("[data-expands]");
  if (!link || event.ctrlKey || event.metaKey) return;
  const row = document.getElementById(link.dataset.expands);
  const open = link.getAttribute("aria-expanded") === "true";
  link.setAttribute("aria-expanded", String(!open));
  if (!row?.firstElementChild) return; /* first time: htmx fetches it */
  row.hidden = open;
  event.preventDefault();
  event.stopPropagation();
}, true);

/* one box checks the others, and stays checked only while they are; before htmx hears of it, so that it counts them all */
on("change", ({ target }) => {
  const others = target.dataset?.checks;
  if (others) for (const box of $$(others)) box.checked = target.checked;
  if (target.type !== "checkbox" || target.checked) return;
  for (const one of $$("[data-checks]:checked")) if (one.dataset.checks === others || target.matches(one.dataset.checks)) one.checked = false;
}, true);

/* ---- a text or a variable goes where the cursor is ---- */
press("data-inserts", (element, text, event) => {
  const area = document.getElementById(element.dataset.into);
  if (!area) return;
  event.preventDefault();
  element.closest("details")?.removeAttribute("open");
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
});

/* ---- of many tabs on a telephone, the one that is open is seen ---- */
for (const here of $$(".tabs > [aria-current]")) {
  const row = here.parentElement, edge = here.getBoundingClientRect().right - row.getBoundingClientRect().right;
  if (edge > 0) row.scrollLeft += edge + 24;
}

/* ---- filters apply at once ---- */
on("change", ({ target }) => { target.form?.matches("[data-auto]") && target.type !== "search" && target.form.requestSubmit(); });

/* a list that renews itself waits while something in it is open: the line being read stays */
on("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (!elt.matches("[data-calm]") || !requestConfig.triggeringEvent?.type.startsWith("sse:")) return;
  if ($("[aria-expanded=true], details[open]", elt)) event.preventDefault();
});

/* ---- a button works once: the second press does nothing ---- */
const busy = (button) => {
  button.classList.add("is-busy");
  button.setAttribute("aria-disabled", "true");
  const label = $("span", button);
  if (label && button.dataset.busy) {
    button.style.minWidth = `${button.offsetWidth}px`;
    label.dataset.label = label.textContent;
    label.textContent = button.dataset.busy;
  }
};
const rest = (root) => {
  for (const button of $$(".is-busy", root)) {
    button.classList.remove("is-busy");
    button.removeAttribute("aria-disabled");
    const label = $("[data-label]", button);
    if (label) label.textContent = label.dataset.label;
  }
};
on("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.matches("[data-optimistic], [method=get], [method=dialog]") || event.defaultPrevented || submitter?.formTarget) return;
  if (form.dataset.sent) return event.preventDefault(), event.stopImmediatePropagation();
  form.dataset.sent = 1;
  const button = submitter ?? $("button[type=submit], button:not([type])", form);
  if (button) setTimeout(() => busy(button)); /* after its name and value were read */
}, true);
const again = (form) => { if (form?.dataset) { delete form.dataset.sent; rest(form); } };
on("htmx:afterRequest", ({ detail }) => again(detail.elt));
addEventListener("pageshow", ({ persisted }) => { if (persisted) $$("form[data-sent]").forEach(again); });

/* ---- a long list of boxes: narrowed while typing, a part of it at once ---- */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const recount = (list) => { for (const out of $$("[data-on]", list)) out.textContent = $$(`[data-region="${out.dataset.on}"] :checked`, list).length; };
on("input", ({ target }) => {
  if (!target.matches("[data-narrows]")) return;
  const wanted = plain(target.value.trim());
  for (const part of $$("details", target.closest("fieldset"))) {
    const boxes = $$("[data-region]", part);
    for (const box of boxes) box.hidden = !plain(box.textContent).includes(wanted);
    part.hidden = wanted && boxes.every((box) => box.hidden);
    part.dataset.was ??= part.open ? "open" : "shut";
    part.open = wanted !== "" || part.dataset.was === "open";
  }
});
on("keydown", (event) => { if (event.key === "Enter" && event.target.matches("[data-narrows]")) event.preventDefault(); });
on("click", (event) => {
  const button = event.target.closest("[data-boxes]");
  if (!button) return;
  event.preventDefault();
  const list = button.closest("fieldset"), region = button.value.split(":")[1];
  for (const box of $$(`[data-region="${region}"] input`, list)) box.checked = button.dataset.boxes === "on";
  button.form.dataset.changed = 1;
  recount(list);
});
on("change", ({ target }) => { if (target.closest("[data-region]")) recount(target.closest("fieldset")); });

/* ---- unsaved changes ---- */
on("input", ({ target }) => { const form = target.form; if (form?.matches("[data-guard]") && !target.matches("[data-narrows]")) form.dataset.changed = 1; });
on("submit", ({ target, submitter }) => { if (!submitter?.formTarget) delete target.dataset.changed; });
addEventListener("beforeunload", (event) => { if ($("form[data-changed]")) event.preventDefault(); });

/* A refusal or a fault answers an alert for the region at the top; its status alone would not be swapped. */
on("htmx:beforeSwap", ({ detail }) => { if (detail.xhr.getResponseHeader("HX-Retarget") === "#alerts") detail.shouldSwap = true; });

/* ---- after a swap: open the drawer, take focus to the problems, start what needs starting ---- */
const start = (root) => {
  for (const hidden of $$("[data-copy][hidden], [data-checks][hidden], [data-inserts][hidden], [data-prints][hidden], [data-reveals][hidden], [data-theme-choice][hidden]", root)) hidden.hidden = false;
  for (const input of $$("[data-narrows]", root)) { input.removeAttribute("name"); $("[data-scriptless]", input.parentElement)?.remove(); }
  for (const input of $$("[data-confirms]", root)) $("[type=submit]", input.form).disabled = true;
  $(".problems, [aria-invalid=true]", root)?.focus();
};
on("htmx:afterSwap", ({ target, detail }) => {
  if (detail.target?.id === "drawer" && !detail.target.open) detail.target.showModal();
  if (detail.target?.id === "alerts") detail.target.scrollIntoView({ block: "nearest" });
  start(target);
});
on("htmx:sendError", () => showToast({ text: document.body.dataset.offline ?? "The portal could not be reached.", tone: "bad" }));

/* ---- the stream: only in a visible tab; without it every listener is asked again, ever slower, and so is the stream ---- */
class Stream extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.names = new Set();
    on("visibilitychange", () => (document.hidden ? this.stop() : this.open(true)));
    if (!document.hidden) this.open();
  }
  open(missed = false) {
    this.stop();
    this.source = new EventSource(this.url);
    this.names.forEach((name) => this.listen(name));
    let again = false; /* after a break something may have been missed */
    this.source.onopen = () => { this.wait = 0; if (again) this.all(); again = true; };
    this.source.onerror = () => { if (this.source?.readyState === 2) this.poll(); };
    if (missed) this.all();
  }
  poll() {
    this.wait = Math.min((this.wait || 2000) * 1.5, 60000);
    this.timer = setTimeout(() => this.open(true), this.wait);
  }
  stop() { clearTimeout(this.timer); this.source?.close(); this.source = null; }
  all() { this.names.forEach((name) => this.dispatchEvent(new MessageEvent(name))); }
  listen(name) { this.source?.addEventListener(name, ({ data }) => this.dispatchEvent(new MessageEvent(name, { data }))); }
  addEventListener(name, run) {
    if (!this.names.has(name)) { this.names.add(name); this.listen(name); }
    super.addEventListener(name, run);
  }
  close() { this.stop(); }
}
if (window.htmx) window.htmx.createEventSource = (url) => new Stream(url);

/* ---- what waits to be read, before the window's title; a hidden tab has no stream and asks now and then ---- */
const retitle = () => {
  const waiting = Number($("#counts")?.dataset.waiting ?? 0);
  document.title = (waiting ? `(${waiting}) ` : "") + document.title.replace(/^\(\d+\) /, "");
};
on("htmx:load", ({ target }) => { if (target.id === "counts") retitle(); });
setInterval(() => { if (document.hidden && $("#counts")) window.htmx?.trigger("#counts", "refresh"); }, 60000);

/* ---- keys: inert while typing ---- */
let goes = 0;
const keysOff = () => { try { return localStorage.getItem("shortcuts") === "off"; } catch { return false; } };
press("data-keys-switch", (box) => {
  try { box.checked ? localStorage.removeItem("shortcuts") : localStorage.setItem("shortcuts", "off"); } catch { /* they stay on */ }
});
on("keydown", (event) => {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "k") {
    const box = $("[data-search-all]") ?? $("[data-search]");
    if (box) { event.preventDefault(); box.focus(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  if (keysOff() && key !== "?") return; /* the list stays reachable: it switches them on again */
  const act = (element, run = (found) => found.click()) => { if (element) { event.preventDefault(); run(element); } };
  if (Date.now() - goes < 1200) { goes = 0; return act($(`[data-go="${CSS.escape(key)}"]`)); }
  if (key === "g") goes = Date.now();
  else if (key === "/") act($("[data-search]") ?? $("[data-search-all]"), (box) => box.focus());
  else if (key === "?") act($("#shortcuts"), (dialog) => { $("[data-keys-switch]", dialog).checked = !keysOff(); dialog.showModal(); });
  else if (key === "n") act($("[data-new]"));
  else if (key === "r") act($(".composer textarea"), (area) => area.focus());
  else if (key === "e") act($("[data-key-done]"));
  else if (key === "escape" && !event.defaultPrevented) act($(".thread-back"));
  else if (key === "x") act($("input[type=checkbox]", document.activeElement.closest("tr") ?? document.createElement("p")));
  else if (key === "j" || key === "k") {
    const rows = $$(".row-link, .conversation");
    const at = rows.indexOf(document.activeElement);
    act(rows[key === "j" ? at + 1 : Math.max(at - 1, 0)], (row) => row.focus());
  }
});

start(document);
$$("#toasts > [data-toast]").forEach(startToast);
