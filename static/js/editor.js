/* The editor of a text: Quill behind a fence. It writes a Delta into the form and never HTML; what it can
   make is exactly what portal/wording/document.py lets in. Without this file there is a plain text area. */
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const { Quill } = window;
if (!Quill) delete document.documentElement.dataset.scripts; /* it did not come: the text area does the work */
const place = $("#editor");
const form = $("#text");
const known = JSON.parse(place.dataset.known || "{}");
const FORMATS = ["bold", "italic", "underline", "strike", "color", "font", "size", "link", "header", "list", "align", "picture"];
const LINK = /^(https?:\/\/[^\s@\\]+|mailto:[^\s@]+@[^\s@]+|tel:\+?[0-9()*#.-]{2,32}|\[(link|portal_url)\])$/i;

/* ---- what a text is made of: classes, not styles; pictures by their id ---- */
const { ClassAttributor, EmbedBlot, Scope } = Quill.import("parchment");
const inline = (name, whitelist) => new ClassAttributor(name, `ql-${name}`, { scope: Scope.INLINE, ...(whitelist && { whitelist }) });

class Picture extends EmbedBlot {
  static blotName = "picture";
  static tagName = "IMG";
  static className = "rich-picture";
  static create({ id, alt = "" }) {
    const node = super.create();
    const { ending, width, height } = known[id] ?? {};
    node.dataset.picture = id;
    node.alt = alt;
    if (ending) Object.assign(node, { src: `${place.dataset.pictures}${id}.${ending}`, width, height });
    return node;
  }
  static value(node) {
    return known[node.dataset.picture] ? { id: node.dataset.picture, alt: node.alt } : undefined;
  }
}
Quill.register({
  "formats/color": inline("color"),
  "formats/font": inline("font", ["serif", "mono"]),
  "formats/size": inline("size", ["small", "large", "huge"]),
  "formats/align": Quill.import("attributors/class/align"),
  "formats/picture": Picture,
}, true);

/* ---- free colours have classes in a style sheet of ours ---- */
const palette = new Set($$(".swatch[value]").map(({ value }) => value).filter((value) => !value.startsWith("c-")));
const loaded = new Set();
const load = (names) => {
  const fresh = [...new Set(names)].filter((name) => name?.startsWith("c-") && !loaded.has(name));
  if (!fresh.length) return;
  fresh.forEach((name) => loaded.add(name));
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = `${place.dataset.colours}?c=${fresh.map((name) => name.slice(2)).join("-")}`;
  document.head.append(sheet);
};

/* ---- what is pasted becomes what a text may hold ---- */
const colourOf = (value) => {
  if (palette.has(value) || /^c-[0-9a-f]{6}$/.test(value)) return value;
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(value);
  if (!hex || (hex[1] === hex[2] && hex[2] === hex[3])) return undefined; /* greys are the page's own text */
  return `c-${value.slice(1).toLowerCase()}`;
};
const tidy = (attributes) => {
  if (!attributes) return undefined;
  const { color, header, list, link, ...rest } = attributes;
  const kept = { ...rest };
  if (color && colourOf(color)) kept.color = colourOf(color);
  if (header) kept.header = header <= 2 ? 2 : 3;
  if (list) kept.list = list === "ordered" ? "ordered" : "bullet";
  if (link && LINK.test(link)) kept.link = link;
  return kept;
};

/* The policy lets no style in, not even one that is only read, and what a script says is no text. */
class Clipboard extends Quill.import("modules/clipboard") {
  convertHTML(html) {
    const bare = html.replace(/<(script|style|iframe|template|title)\b[\s\S]*?<\/\1\s*>/gi, "");
    return super.convertHTML(bare.replace(/\sstyle\s*=/gi, " data-style="));
  }
}
Quill.register("modules/clipboard", Clipboard, true);
const styled = (style) => {
  const has = (pattern) => pattern.test(style) || undefined;
  const rgb = /(?:^|;)\s*color:\s*rgb\((\d+),\s*(\d+),\s*(\d+)\)/i.exec(style);
  return {
    bold: has(/font-weight:\s*(bold|[6-9]00)/i),
    italic: has(/font-style:\s*italic/i),
    underline: has(/text-decoration[^;]*underline/i),
    strike: has(/text-decoration[^;]*line-through/i),
    color: rgb
      ? `#${rgb.slice(1).map((part) => Math.min(Number(part), 255).toString(16).padStart(2, "0")).join("")}`
      : /(?:^|;)\s*color:\s*(#[0-9a-f]{6})\b/i.exec(style)?.[1],
  };
};

/* ---- the editor takes the place of the text area ---- */
const quill = new Quill(place, {
  formats: FORMATS,
  placeholder: place.dataset.placeholder,
  modules: {
    toolbar: { container: "#tools" },
    uploader: { mimetypes: [] },
    /* the tab key leaves, as everywhere; lists begin with their buttons */
    keyboard: { bindings: { tab: null, "remove tab": null, indent: null, outdent: null, "indent code-block": null, "outdent code-block": null, "list autofill": null } },
  },
});
quill.clipboard.addMatcher(Node.ELEMENT_NODE, (node, delta) => {
  const around = Object.entries(styled(node.dataset?.style ?? "")).filter(([, value]) => value);
  const plain = /font-weight:\s*(normal|400)/i.test(node.dataset?.style ?? ""); /* how some wrap everything */
  for (const op of delta.ops) {
    const { bold, ...rest } = op.attributes ?? {};
    op.attributes = tidy({ ...Object.fromEntries(around), ...rest, ...(bold && !plain && { bold }) });
  }
  return delta;
});
try { quill.setContents(JSON.parse(place.dataset.delta), "silent"); } catch { /* it stays empty */ }
const keep = () => {
  const contents = quill.getContents();
  load(contents.ops.map(({ attributes }) => attributes?.color));
  $("#delta").value = JSON.stringify(contents);
};
keep();
/* without a selection the tools show what one would write with, not nothing */
const atRest = () => {
  if (!quill.getSelection()) for (const select of $$("#tools select")) select.selectedIndex = [...select.options].findIndex((option) => option.defaultSelected);
};
quill.on("editor-change", atRest);
atRest();
load($$(".swatch[value]").map(({ value }) => value));
quill.history.clear();
quill.on("text-change", (_change, _before, source) => {
  keep();
  if (source === "user") form.dataset.changed = 1;
});
Object.entries({ role: "textbox", "aria-multiline": "true", "aria-labelledby": "body-label" }).forEach(([name, value]) => quill.root.setAttribute(name, value));
if ($("#body-error")) {
  quill.root.setAttribute("aria-describedby", "body-error");
  quill.root.setAttribute("aria-invalid", "true");
  place.classList.add("is-wrong");
}
$("#body-label").addEventListener("click", (event) => { event.preventDefault(); quill.focus(); });
for (const link of $$(".problems a[href='#body']")) link.addEventListener("click", (event) => { event.preventDefault(); quill.focus(); });

/* ---- names in brackets: into the title or the text, wherever one wrote last ---- */
const subject = $("#subject");
let last = quill;
subject.addEventListener("focus", () => { last = subject; });
quill.root.addEventListener("focus", () => { last = quill; });
for (const button of $$("[data-inserts]")) {
  button.addEventListener("click", () => {
    const name = button.dataset.inserts;
    if (last === subject) {
      subject.setRangeText(name, subject.selectionStart, subject.selectionEnd, "end");
      subject.dispatchEvent(new Event("input", { bubbles: true }));
      return subject.focus();
    }
    const range = quill.getSelection(true);
    quill.deleteText(range.index, range.length, "user");
    quill.insertText(range.index, name, "user");
    quill.setSelection(range.index + name.length);
  });
}

/* ---- colours ---- */
const closeColours = () => { $("#colours").open = false; };
for (const swatch of $$(".swatch")) swatch.addEventListener("click", closeColours);
$("#own-colour").addEventListener("change", ({ target }) => {
  quill.focus();
  quill.format("color", `c-${target.value.slice(1).toLowerCase()}`, "user");
  closeColours();
});
$("#no-colour").addEventListener("click", () => { quill.focus(); quill.format("color", false, "user"); closeColours(); });

/* A dialog gives the focus back but not the place in the text, so that is remembered. */
let spot = { index: 0, length: 0 };
const remember = () => { spot = quill.getSelection(true) ?? { index: quill.getLength() - 1, length: 0 }; };
const comeBack = (dialog, index = spot.index, length = 0) => { dialog.close(); quill.setSelection(index, length, "silent"); };

/* ---- links ---- */
const linkDialog = $("#link-dialog");
const address = $("#link-address");
const whole = (typed) => {
  const text = typed.trim();
  if (LINK.test(text)) return text;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(text)) return `mailto:${text}`;
  if (/^\+?[0-9 ()./-]{5,}$/.test(text)) return `tel:${text.replace(/[ ./]/g, "")}`;
  return /^[^\s:@]+\.[^\s:@]+$/.test(text) ? `https://${text}` : "";
};
$("#add-link").addEventListener("click", () => {
  remember();
  const now = quill.getFormat(spot).link ?? "";
  address.value = Array.isArray(now) ? now[0] : now;
  $("#link-error").textContent = "";
  linkDialog.showModal();
});
const putLink = () => {
  const link = whole(address.value);
  if (!link) {
    $("#link-error").textContent = $("#link-error").dataset.says;
    return address.focus();
  }
  const { index, length } = spot;
  if (length) {
    quill.formatText(index, length, "link", link, "user");
    return comeBack(linkDialog, index + length);
  }
  const text = link.replace(/^(mailto|tel):/, "");
  quill.insertText(index, text, { link }, "user");
  comeBack(linkDialog, index + text.length);
};
$("#link-insert").addEventListener("click", putLink);
address.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); putLink(); } });
$("#link-remove").addEventListener("click", () => {
  quill.formatText(spot.index, spot.length, "link", false, "user");
  comeBack(linkDialog, spot.index, spot.length);
});

/* ---- pictures ---- */
const pictureDialog = $("#picture-dialog");
const alt = $("#picture-alt");
const decoration = $("#picture-decoration");
const problem = $("#picture-error");
decoration.addEventListener("change", () => { alt.disabled = decoration.checked; });
$("#add-picture").addEventListener("click", () => {
  remember();
  problem.textContent = alt.value = "";
  alt.disabled = decoration.checked = false;
  pictureDialog.showModal();
  document.body.dispatchEvent(new Event("pictures"));
});
// The same file may be chosen again after it was refused.
pictureDialog.addEventListener("htmx:afterRequest", (event) => { if (event.target.id === "picture-form") event.target.reset(); });
$("#picture-insert").addEventListener("click", () => {
  const chosen = $("input[name=text-picture]:checked");
  if (!chosen || (!decoration.checked && !alt.value.trim())) {
    problem.textContent = chosen ? problem.dataset.noWords : problem.dataset.noPicture;
    return (chosen ? alt : $("#picture-file"))?.focus();
  }
  const { ending, width, height } = chosen.dataset;
  known[chosen.value] = { ending, width, height };
  const { index, length } = spot;
  quill.deleteText(index, length, "user");
  quill.insertEmbed(index, "picture", { id: chosen.value, alt: decoration.checked ? "" : alt.value.trim() }, "user");
  comeBack(pictureDialog, index + 1);
});

/* ---- the preview: a fresh frame each time, so that Back still leaves the page ---- */
$("[data-shows-preview]").addEventListener("click", () => {
  const frame = $("#preview-frame");
  const fresh = frame.cloneNode();
  fresh.removeAttribute("src");
  frame.replaceWith(fresh);
});
