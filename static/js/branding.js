/* The brand editor: pickers beside codes, and frames that follow the draft.
   What the draft is comes from the server with #branding-checks; without this script the
   Preview button draws the page anew. */
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const SHORT = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i;
const colourOf = (text) => {
  const typed = text.trim().replace(SHORT, "$1$1$2$2$3$3").replace(/^#?/, "#");
  return /^#[0-9a-f]{6}$/i.test(typed) ? typed.toLowerCase() : null;
};

/* a picker and its code say the same */
const wake = () => { for (const picker of $$("[data-picks][disabled]")) picker.disabled = document.getElementById(picker.dataset.picks).disabled; };
document.addEventListener("input", ({ target }) => {
  if (target.dataset?.picks) document.getElementById(target.dataset.picks).value = target.value.toUpperCase();
  else if (target.matches?.(".colour-code")) {
    const colour = colourOf(target.value);
    if (colour) $(`[data-picks="${target.id}"]`).value = colour;
  }
});

const chosen = (name) => $(`[data-frame="${name}"]:checked`)?.value;
const addressOf = (page) => {
  const draft = $("#branding-checks").dataset.draft;
  return `${$("#stage").dataset[page]}?draft=${draft}&shade=${chosen("shade")}`;
};
const show = (frame, page) => {
  const url = addressOf(page);
  frame.dataset.page = page;
  /* replace: the frame leaves no steps in the history of the page */
  if (frame.contentWindow && new URL(frame.src, location).href !== new URL(url, location).href) frame.contentWindow.location.replace(url);
};
const showAll = () => {
  const page = chosen("page");
  const wide = chosen("size") === "wide";
  $("#stage").className = `stage stage-${wide ? "wide" : "phone"}`;
  show($("#frame-page"), page);
  show($("#frame-phone"), wide && page !== "login" ? "login" : page);
};
/* only colours differ: the new sheet takes the old one's place without loading the page */
const repaint = (frame) => {
  const page = frame.contentDocument;
  const old = page && $('link[href*="preview/brand.css"]', page);
  const url = $("#branding-checks").dataset.sheet;
  if (!old || old.getAttribute("href") === url) return;
  const fresh = old.cloneNode();
  fresh.href = url;
  fresh.addEventListener("load", () => old.remove());
  old.after(fresh);
};
document.addEventListener("change", ({ target }) => { if (target.dataset?.frame) showAll(); });

let structure = $("#branding-checks")?.dataset.structure;
document.addEventListener("htmx:afterSwap", () => {
  const checks = $("#branding-checks");
  if (!checks) return;
  wake();
  if (checks.dataset.structure !== structure) showAll();
  else for (const frame of $$("iframe.frame")) repaint(frame);
  structure = checks.dataset.structure;
});
wake();
