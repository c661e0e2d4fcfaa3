"use strict";
/* What pages can do beyond links and forms. Everything works without it, a click slower. */

document.documentElement.dataset.script = "";

// "/" goes to the search, as long as nobody is writing something.
document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, select, textarea, [contenteditable]");
  const search = document.querySelector("input[type=search]");
  if (event.key === "/" && !writing && search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// Menus close with Escape, and by a click anywhere else.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest("details.menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// <button class="needs-script" data-copy="text">Copy</button>
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const word = button.textContent;
  button.textContent = (await copied(button.dataset.copy)) ? "Copied" : "Not copied";
  setTimeout(() => { button.textContent = word; }, 2000);
});

// Browsers give the clipboard to secure pages only, and hospitals' intranets often are not.
async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

// <button class="needs-script" data-print>Print</button>; what is folded is printed too.
document.addEventListener("click", ({ target }) => { if (target.closest("[data-print]")) window.print(); });
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.fold")) fold.open = true;
});

// The theme changes at once; the server is told, and answers with the cookie.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.themes")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  fetch(event.target.action, { method: "POST", body: new FormData(event.target, event.submitter), redirect: "manual" });
  document.documentElement.dataset.theme = theme;
  for (const button of event.target.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
});

// Our own error sentences say where they belong; a server that does not answer has none.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.isError && event.detail.xhr.getResponseHeader("HX-Retarget")) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:sendError", () => {
  const message = document.createElement("p");
  message.className = "message error";
  message.textContent = "The server does not answer. What you see may be old; try again in a moment.";
  document.getElementById("messages").replaceChildren(message);
});

// What was wrong with the last request is not wrong with the next.
document.addEventListener("htmx:beforeRequest", () => {
  document.querySelector("#messages .error")?.remove();
});

// All that is typed into a field before leaving it is one step to go back over; each choice from a menu is one.
let typedInto = null;
let stepped = false;
document.addEventListener("input", ({ target }) => {
  if (target !== typedInto || target.matches("select")) stepped = false;
  typedInto = target;
});
for (const end of ["focusout", "submit"]) {
  document.addEventListener(end, () => { typedInto = null; });
}
document.addEventListener("htmx:pushedIntoHistory", () => { stepped = true; });
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (stepped && detail.elt.matches("form.filters")) detail.headers["X-Same-Step"] = "yes";
});

// <input data-finds="#of-0">: shows only those fields there whose words are typed; it is no question of its own.
document.addEventListener("input", (event) => {
  const { target } = event;
  if (!target.matches("[data-finds]")) return;
  event.stopPropagation();
  const words = target.value.toLowerCase().split(/\s+/);
  for (const group of document.querySelectorAll(`${target.dataset.finds} fieldset`)) {
    const named = group.querySelector("legend").textContent;
    for (const field of group.querySelectorAll(".field")) {
      const texts = [named, field.querySelector("label, .label").textContent].map((text) => text.toLowerCase());
      field.hidden = !texts.some((text) => words.every((word) => text.includes(word)));
    }
    group.hidden = !group.querySelector(".field:not([hidden])");
  }
}, true);

// Enter goes from there to the first field that is found.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-finds]")) return;
  event.preventDefault();
  const found = `${event.target.dataset.finds} .field:not([hidden]):not(.find) :is(input, select, a)`;
  document.querySelector(found)?.focus();
});

// What was opened before htmx looked at the page is fetched all the same.
document.addEventListener("htmx:load", ({ target }) => {
  for (const details of target.querySelectorAll('details[open][hx-trigger="toggle once"]')) details.dispatchEvent(new Event("toggle"));
});

// Events that stand open stay open when the table is sorted.
let opened = [];
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  opened = [...target.querySelectorAll(".events tbody:has(th details[open])")].map((body) => body.id);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of opened.splice(0)) document.getElementById(id)?.querySelector("details").setAttribute("open", "");
});

// A question that stands open is not swapped away by a part that asks for itself; that asks again by and by.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (elt.matches("[hx-headers*=X-Unattended]") && elt.querySelector("details.menu[open]")) detail.shouldSwap = false;
});

// <span data-asked>: the number of conditions, of which each has a chip.
document.addEventListener("htmx:afterSettle", () => {
  const chips = document.querySelectorAll("#results .chip").length;
  for (const count of document.querySelectorAll("[data-asked]")) count.textContent = chips || "";
});

// A row of tabs that is wider than the window begins with the one that is open.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// <input data-ticks="name"> ticks all boxes of that name, and shows whether all are ticked.
document.addEventListener("change", ({ target }) => {
  const boxes = (name) => [...document.querySelectorAll(`input[name="${name}"]`)];
  if (target.dataset.ticks) for (const box of boxes(target.dataset.ticks)) box.checked = target.checked;
  const all = document.querySelector(`[data-ticks="${target.name}"]`);
  if (all) all.checked = boxes(target.name).every((box) => box.checked);
});

// An upload: many files go in several requests, so that each is short; the last one asks for them to be read.
const MOST_BYTES = 32 << 20;
const MOST_FILES = 200;

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.upload");
  if (!form) return;
  event.preventDefault();
  upload(form, [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]));
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = document.querySelector("form.upload");
    if (!form || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // or the browser would open the file
    form.classList.toggle("over", kind === "dragover");
    if (kind === "drop") dropped(event.dataTransfer).then((files) => upload(form, files));
  });
}

async function dropped(transfer) {
  // Asked for at once: after the first wait the browser has taken them back.
  const items = [...transfer.items].map((item) => [item.webkitGetAsEntry(), item.getAsFile()]);
  return (await Promise.all(items.map(([entry, file]) => (entry ? filesBelow(entry) : [file])))).flat().filter(Boolean);
}

async function filesBelow(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    file.path = entry.fullPath.slice(1);
    return [file];
  }
  const reader = entry.createReader();
  const below = [];
  for (;;) { // a reader gives at most a hundred at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return (await Promise.all(below.map(filesBelow))).flat();
    below.push(...some);
  }
}

async function upload(form, chosen) {
  const [bar, words] = [form.querySelector("progress"), form.querySelector("[role=status]")];
  const files = chosen.filter((file) => !file.name.startsWith(".")); // what systems add of their own accord
  const total = files.reduce((sum, file) => sum + file.size, 0);
  form.querySelector(".sending").hidden = false;
  bar.hidden = true;
  if (!files.length) { words.textContent = "There is no file to upload. Choose dose files, a folder or a zip archive."; return; }
  if (total > form.dataset.most) { words.textContent = "This is more than may be uploaded at a time. Choose less of it."; return; }
  const tell = (sent) => {
    bar.value = sent;
    words.textContent = `Uploading ${files.length} file${files.length === 1 ? "" : "s"}: ${Math.floor((100 * sent) / (total || 1))} %`;
  };
  bar.hidden = false;
  bar.max = total || 1;
  form.querySelector("button").disabled = true;
  try {
    let [batch, sent, answer] = ["", 0, {}];
    for (const some of portions(files)) {
      answer = await send(form, some, batch, some.last, (loaded) => tell(Math.min(sent + loaded, total)));
      batch = answer.batch;
      sent += some.size;
      tell(sent);
    }
    location.assign(answer.address);
  } catch (problem) {
    words.textContent = problem.message;
    bar.hidden = true;
    form.querySelector("button").disabled = false;
  }
}

function portions(files) {
  const found = [];
  for (const file of files) {
    let last = found.at(-1);
    if (!last || last.files.length === MOST_FILES || last.size + file.size > MOST_BYTES) found.push(last = { files: [], size: 0 });
    last.files.push(file);
    last.size += file.size;
  }
  found.at(-1).last = true;
  return found;
}

function send(form, { files }, batch, isLast, tell) {
  const data = new FormData();
  data.append("csrf_token", form.elements.csrf_token.value);
  if (batch) data.append("batch", batch);
  if (!isLast) data.append("more", "yes");
  for (const file of files) data.append("files", file, file.path || file.webkitRelativePath || file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => tell(event.loaded));
    request.addEventListener("error", () => reject(new Error("The server does not answer any more. What had arrived is forgotten in a day; try again.")));
    request.addEventListener("load", () => {
      if (request.status === 200 && request.response) resolve(request.response);
      else reject(new Error(request.response?.sentence || "The server did not take it. Load this page again and try once more."));
    });
    request.send(data);
  });
}
