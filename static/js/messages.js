/* The composer of texts: counts what the carrier counts, takes files, shows a bubble before the answer.
   Everything works without it; the server decides, and both are tested with the same vectors. */
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (name, run, capture = false) => document.addEventListener(name, run, capture);
const SMS = 160, MMS = 2048, FILES = 3, FILE_BYTES = 1200000, PARTS = 10;

/* ---- what a message is: bytes, parts, spelling (portal/rating/messages.py and spelling.py) ---- */
const BREAKS = " \t\n";
const STAYS = /^[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u200d\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}]$/u;
const FLAG = /^[\u{1f1e6}-\u{1f1ff}]$/u;
const encoder = new TextEncoder();
const asSent = (text) => text.replace(/\r\n?/g, "\n");
export const messageBytes = (text) => encoder.encode(asSent(text)).length;
export const trimmed = (text) => asSent(text).replace(/^[ \t\n\v\f\u00a0]+|[ \t\n\v\f\u00a0]+$/g, "");
const characters = (text) => {
  const found = [];
  for (const point of text) {
    const last = found.at(-1) ?? "";
    const joined = last && (STAYS.test(point) || last.endsWith("\u200d") || (FLAG.test(point) && FLAG.test(last)));
    if (joined && messageBytes(last + point) <= SMS) found[found.length - 1] = last + point;
    else found.push(point);
  }
  return found;
};
const fitting = (rest) => {
  let size = 0, fits = 0;
  while (fits < rest.length && (size += messageBytes(rest[fits])) <= SMS) fits += 1;
  if (fits === rest.length || BREAKS.includes(rest[fits])) return fits;
  for (let place = fits - 1; place > 0; place -= 1) if (BREAKS.includes(rest[place])) return place;
  return fits;
};
export const split = (text) => {
  const parts = [];
  let rest = characters(trimmed(text));
  while (rest.length) {
    const taken = fitting(rest);
    const part = rest.slice(0, taken).join("").replace(/[ \t\n]+$/, "");
    if (part) parts.push(part);
    rest = rest.slice(taken);
    while (rest.length && BREAKS.includes(rest[0])) rest = rest.slice(1);
  }
  return parts;
};
/* kind is null when it cannot go out; reasons are the words of the server */
export const plan = (text, sizes = [], choice = "") => {
  const words = trimmed(text), bytes = messageBytes(words), reasons = [];
  let kind = sizes.length || bytes > SMS ? "mms" : "sms", parts = 1;
  if (!bytes && !sizes.length) reasons.push("empty");
  if (bytes > SMS && !sizes.length && choice === "parts") {
    kind = "sms";
    parts = split(words).length;
    if (parts > PARTS) reasons.push("too_many_parts");
  } else if (bytes > SMS && !sizes.length && choice !== "mms") {
    reasons.push("longer_than_sms");
  } else {
    if (bytes > MMS) reasons.push("text_too_long");
    if (sizes.length > FILES) reasons.push("too_many_files");
    if (sizes.reduce((sum, size) => sum + size, 0) > FILE_BYTES) reasons.push("files_too_large");
  }
  return { kind: reasons.length ? null : kind, parts: reasons.length ? 0 : parts, bytes, reasons };
};
const CHEAPER = new Map();
for (const [from, to] of [
  ["‘’‚‛′´ʼ‹›", "'"], ["“”„‟″«»", '"'], ["‐‑‒–—―−", "-"],
  ["\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " "], ["\u00ad\u200b\u2060\ufeff", ""],
  ["•", "*"], ["·", "."], ["×", "x"], ["ﬀ", "ff"], ["ﬁ", "fi"], ["ﬂ", "fl"],
]) for (const one of from) CHEAPER.set(one, to);
const bare = (one) => {
  const plain = one.normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  return /^[\0-\x7f]*$/.test(plain) ? plain : one;
};
export const cheaper = (text, accents = false) => {
  const spelled = [...text].map((one) => CHEAPER.get(one) ?? one);
  return (accents ? [...spelled.join("")].map(bare) : spelled).join("");
};
export const costly = (text) => [...new Set([...text].filter((one) => one > "\x7f"))];

/* ---- the composer shows it: count, price, choice above 160 bytes, what costs more ---- */
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const chosen = (form) => $("[name=send_as]:checked", form)?.value ?? "";
const sizes = (form) => $$("[data-bytes]", form).map((one) => Number(one.dataset.bytes));
const show = (element, shown) => { if (element) { element.hidden = !shown; element.disabled = !shown; } };
const count = (area) => {
  const form = area.form, out = document.getElementById(area.dataset.counter);
  if (!out || !form) return;
  const data = out.dataset, files = sizes(form), bytes = messageBytes(trimmed(area.value));
  const long = bytes > SMS && !files.length;
  const way = $("[data-way]", form);
  show(way, long);
  const told = plan(area.value, files, long ? chosen(form) || "mms" : "");
  const mms = files.length || (long && chosen(form) !== "parts");
  const prices = JSON.parse(data.prices || "[]");
  const price = mms ? data.mmsPrice : prices[Math.max(told.parts, 1) - 1] ?? "";
  const text = told.reasons[0] && told.reasons[0] !== "empty" ? data[told.reasons[0].replace(/_(\w)/g, (_, one) => one.toUpperCase())]
    : mms ? data.mms : told.parts > 1 ? data.parts : data.text;
  out.textContent = fill(text ?? "", { bytes, limit: mms ? MMS : SMS, price, parts: told.parts });
  out.classList.toggle("is-near", !mms && bytes >= 140 && bytes <= SMS);
  out.classList.toggle("is-over", told.reasons.some((one) => one !== "empty"));
  const cost = (mms ? Number(data.mmsMicros) : Number(data.smsMicros) * Math.max(told.parts, 1)) || 0;
  show($("[data-short]", form), data.available !== undefined && data.available !== "" && cost > Number(data.available));
  if (way) $("[data-parts-words]", way).textContent = partsWords(way, area.value, prices);
  hint(form, area.value);
};
const partsWords = (way, text, prices) => {
  const parts = split(text).length;
  const { one, many } = $("[data-parts-words]", way).dataset;
  return parts > PARTS ? many : fill(one, { parts, price: prices[parts - 1] ?? "" });
};
const hint = (form, text) => {
  const box = $("[data-costly]", form);
  if (!box) return;
  const dear = costly(text), saved = messageBytes(text) - messageBytes(cheaper(text));
  const bared = messageBytes(cheaper(text)) - messageBytes(cheaper(text, true));
  box.hidden = !dear.length;
  $("[data-costly-words]", box).textContent = fill(box.dataset.words, { characters: dear.slice(0, 8).map((one) => one.trim() || "␣").join(" ") });
  for (const [button, bytes] of [[$("[data-cheaper]", box), saved], [$("[data-bare]", box), bared]]) {
    button.hidden = bytes <= 0;
    button.textContent = fill(button.dataset.words, { bytes });
  }
};
on("input", ({ target }) => { if (target.dataset?.counter) count(target); });
on("change", ({ target }) => {
  const body = target.form?.elements.body;
  if (target.name === "sender" && target.selectedOptions && body?.dataset.counter) {
    Object.assign(document.getElementById(body.dataset.counter).dataset, target.selectedOptions[0].dataset);
    const words = $("[data-mms-words]", target.form);
    if (words) words.textContent = fill(words.dataset.one, { price: target.selectedOptions[0].dataset.mmsPrice });
    count(body);
  }
  if (target.name === "send_as" && body) count(body);
});
on("click", ({ target }) => {
  const button = target.closest?.("[data-cheaper], [data-bare]");
  if (!button) return;
  const body = button.form.elements.body;
  body.value = cheaper(body.value, button.hasAttribute("data-bare"));
  body.dispatchEvent(new Event("input", { bubbles: true }));
  body.focus();
});

/* ---- Ctrl+Enter sends; Enter too, if this browser is told so ---- */
const enterSends = () => { try { return localStorage.getItem("enter-sends") === "1"; } catch { return false; } };
on("change", ({ target }) => {
  if (!target.matches?.("[data-enter-sends]")) return;
  try { localStorage.setItem("enter-sends", target.checked ? "1" : "0"); } catch { /* this page only */ }
});
on("keydown", (event) => {
  const { target, key } = event;
  if (key !== "Enter" || event.isComposing || target.name !== "body" || !target.form?.matches(".composer")) return;
  if (event.ctrlKey || event.metaKey || (enterSends() && !event.shiftKey && !event.altKey)) {
    event.preventDefault();
    target.form.requestSubmit();
  }
});

/* ---- files by dropping and pasting: put into the input, which uploads what it holds ---- */
const offer = (files) => {
  const input = $("#composer-file");
  if (!input || !files?.length) return false;
  input.files = files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
};
on("paste", (event) => { if (event.target.closest?.(".composer") && offer(event.clipboardData?.files)) event.preventDefault(); });
on("dragover", (event) => {
  const pane = event.target.closest?.(".thread-pane");
  if (!pane || !$("#composer-file") || ![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  pane.classList.add("is-dropping");
});
for (const name of ["dragleave", "drop"]) on(name, ({ target, relatedTarget }) => {
  const pane = target.closest?.(".thread-pane");
  if (name === "drop" || !pane?.contains(relatedTarget)) pane?.classList.remove("is-dropping");
});
on("drop", (event) => {
  if (!event.target.closest?.(".thread-pane") || !event.dataTransfer.files.length) return;
  if (offer(event.dataTransfer.files)) event.preventDefault();
});
/* what was uploaded is not sent again with the form */
on("htmx:afterRequest", ({ target }) => { if (target.matches?.("input[data-uploads]")) target.value = ""; });

/* ---- a draft for each conversation, with its files ---- */
const draftKey = (form) => `draft:${form.elements.conversation?.value || "new"}`;
const keep = (form) => {
  const files = $$("[name=file]", form).map((one) => one.value), body = form.elements.body.value;
  try {
    if (body || files.length) sessionStorage.setItem(draftKey(form), JSON.stringify({ body, files }));
    else sessionStorage.removeItem(draftKey(form));
  } catch { /* no drafts then */ }
};
const restore = (form) => {
  let draft = {};
  try { draft = JSON.parse(sessionStorage.getItem(draftKey(form)) ?? "{}"); } catch { /* none kept */ }
  if (draft.body && !form.elements.body.value) form.elements.body.value = draft.body;
  if (draft.files?.length && !$("[name=file]", form) && window.htmx) {
    const list = $("#composer-files", form);
    const url = `${list.dataset.url}?${draft.files.map((one) => `file=${encodeURIComponent(one)}`).join("&")}`;
    window.htmx.ajax("GET", url, { target: list, swap: "outerHTML" });
  }
};
on("input", ({ target }) => { if (target.name === "body" && target.form?.matches(".composer")) keep(target.form); });
/* a first message is sent as a page is: the next one begins empty, and what is refused comes back from the server */
on("submit", ({ target: form }) => {
  if (form.matches(".composer:not([hx-post])")) try { sessionStorage.removeItem(draftKey(form)); } catch { /* none kept */ }
});

/* ---- the bubble before the answer. The ref in the form is the key that makes the send happen once ---- */
const newRef = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
};
const toBottom = (thread) => { if (thread) thread.scrollTop = thread.scrollHeight; };
const atBottom = (thread) => thread.scrollHeight - thread.scrollTop - thread.clientHeight < 60;
let follows = false; /* not a mark on the thread: a morph would take it away */
const pending = new Map();
on("htmx:configRequest", (event) => {
  const { target: form, detail } = event;
  if (!form.matches("form[data-optimistic]") || detail.path !== form.getAttribute("hx-post")) return; /* another button leads elsewhere */
  const body = form.elements.body, list = $("#composer-files", form);
  const files = $$("[name=file]", list).map((one) => one.value).join();
  if (!body.value.trim() && !files) { event.preventDefault(); return body.focus(); } /* pressed twice: it is on its way */
  const same = form.dataset.failed && form.dataset.text === body.value && form.dataset.files === files;
  /* after a failure the same message keeps its ref: if it did arrive, it is not sent twice */
  const ref = same ? form.dataset.ref : newRef();
  delete form.dataset.failed;
  detail.parameters.ref = ref;
  Object.assign(form.dataset, { ref, files, text: body.value });
  const thread = document.getElementById(form.dataset.optimistic), template = $("#bubble-template");
  if (thread && template && (body.value.trim() || files)) {
    const bubble = template.content.cloneNode(true).firstElementChild, words = $(".bubble-text", bubble);
    bubble.id = `m-${ref}`;
    words.textContent = body.value;
    words.hidden = !body.value.trim();
    for (const one of $$("img", list)) {
      const shown = document.createElement("span");
      shown.className = "bubble-picture";
      const large = shown.appendChild(one.cloneNode());
      Object.assign(large, { width: one.dataset.width, height: one.dataset.height });
      words.before(shown);
    }
    thread.append(bubble);
    follows = true;
    toBottom(thread);
  }
  pending.set(ref, [...list.children]);
  list.replaceChildren();
  body.value = "";
  count(body);
});
on("htmx:afterRequest", ({ target: form, detail }) => {
  if (!form.matches("form[data-optimistic]")) return;
  if (detail.requestConfig?.path !== form.getAttribute("hx-post")) { try { sessionStorage.removeItem(draftKey(form)); } catch { /* none kept */ } return; }
  const ref = detail.requestConfig?.parameters?.ref ?? form.dataset.ref, kept = pending.get(ref) ?? [];
  pending.delete(ref);
  const status = detail.xhr.status; /* htmx calls a swapped 422 a success */
  if (status >= 200 && status < 400) return keep(form);
  form.dataset.failed = 1; /* the swap of a refusal takes the form's own marks away, so the request is asked */
  document.getElementById(`m-${ref}`)?.remove();
  const body = document.getElementById(form.elements.body.id), list = $("#composer-files");
  if (list && !list.childElementCount) list.append(...kept);
  if (body && !body.value) body.value = form.dataset.text;
  if (body) count(body);
});
on("htmx:beforeSwap", () => { const thread = $("[data-thread]"); if (thread) follows = atBottom(thread); });
on("load", ({ target }) => { if (follows) toBottom(target.closest?.("[data-thread]")); }, true);
on("htmx:afterSettle", () => { if (follows) toBottom($("[data-thread]")); });

/* ---- whom to write to: contacts while typing, chosen by arrows and Enter ---- */
const options = (input) => $$("[role=option]", document.getElementById(input.getAttribute("aria-controls")));
const mark = (input, option) => {
  for (const one of options(input)) one.setAttribute("aria-selected", String(one === option));
  option ? input.setAttribute("aria-activedescendant", option.id) : input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
};
const shut = (input) => {
  input.setAttribute("aria-expanded", "false");
  document.getElementById(input.getAttribute("aria-controls")).replaceChildren();
  mark(input);
};
const pick = (input, option) => {
  input.value = option.dataset.value;
  shut(input);
  input.form.elements.body.focus();
};
on("keydown", (event) => {
  const input = event.target;
  if (input.getAttribute?.("role") !== "combobox") return;
  const all = options(input), now = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!all.length) return;
    event.preventDefault();
    mark(input, all[(now + (event.key === "ArrowDown" ? 1 : all.length + (now < 0 ? 0 : -1))) % all.length]);
  } else if (event.key === "Enter" && now >= 0) {
    event.preventDefault();
    pick(input, all[now]);
  } else if (event.key === "Escape" && all.length) {
    event.stopPropagation();
    shut(input);
  }
});
on("click", ({ target }) => {
  const option = target.closest?.("[role=option][data-value]");
  const input = option && $(`[aria-controls="${CSS.escape(option.parentElement.id)}"]`);
  if (input) return pick(input, option);
  for (const open of $$("[role=combobox][aria-expanded=true]")) if (target !== open) shut(open);
});
on("htmx:afterSwap", ({ target }) => {
  if (target.getAttribute?.("role") !== "listbox") return;
  const input = $(`[aria-controls="${CSS.escape(target.id)}"]`);
  input?.setAttribute("aria-expanded", String(Boolean($("[role=option]", target))));
});

/* ---- pictures large: arrows turn the pages, Escape and a click close ---- */
const viewer = () => $("#viewer");
const view = (link) => {
  if (!viewer()) document.body.append($("#viewer-template").content.cloneNode(true));
  const dialog = viewer(), picture = $("img", dialog), all = $$("a[data-views]"), at = all.indexOf(link);
  picture.src = link.href;
  picture.alt = $("img", link)?.alt ?? "";
  $("[data-save]", dialog).href = link.href;
  dialog.dataset.at = at;
  for (const [name, place] of [["[data-before]", at - 1], ["[data-after]", at + 1]]) $(name, dialog).disabled = !all[place];
  if (!dialog.open) dialog.showModal();
};
const turn = (by) => { const next = $$("a[data-views]")[Number(viewer().dataset.at) + by]; if (next) view(next); };
on("click", (event) => {
  const link = event.target.closest?.("a[data-views]");
  if (link && $("#viewer-template") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); view(link); }
  if (event.target.closest?.("[data-before]")) turn(-1);
  if (event.target.closest?.("[data-after]")) turn(1);
  if (event.target.id === "viewer") event.target.close();
});
on("keydown", ({ key }) => {
  if (!viewer()?.open) return;
  if (key === "ArrowLeft") turn(-1);
  if (key === "ArrowRight") turn(1);
});

/* ---- the on-screen keyboard: what is written stays above it ---- */
const fit = () => {
  const inbox = $(".inbox"), seen = window.visualViewport;
  if (!inbox || !seen) return;
  const hidden = innerHeight - seen.height * seen.scale;
  inbox.classList.toggle("is-typing", hidden > 120);
  inbox.style.setProperty("--keyboard", `${Math.max(hidden, 0)}px`);
};
window.visualViewport?.addEventListener("resize", fit);

const start = (root) => {
  for (const area of $$("[data-counter]", root)) count(area);
  for (const box of $$("[data-enter-sends]", root)) { box.checked = enterSends(); box.closest("[hidden]")?.removeAttribute("hidden"); }
  for (const thread of $$("[data-thread]", root)) {
    follows = !$(".is-found", thread);
    const found = $(".is-found", thread)?.nextElementSibling; /* what was looked for stays in sight */
    found ? found.scrollIntoView({ block: "center" }) : toBottom(thread);
  }
};
on("htmx:afterSwap", ({ target, detail }) => {
  start(target);
  if (detail.target?.id !== "composer-files" && target.id !== "composer-files") return;
  const form = $("#composer"); /* the list was replaced: ask the form, not the old list */
  if (form?.elements.body) { count(form.elements.body); keep(form); }
});
for (const form of $$("form.composer")) restore(form);
start(document);
