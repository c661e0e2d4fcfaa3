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

// The theme changes at once; the server hears of it from the cookie.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.themes")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
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
