// Keys: / into this screen's search, ? for help, g and a letter to go somewhere. Never while somebody types.
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
for (const hint of document.querySelectorAll("[data-keys]")) hint.textContent = isMac ? "⌘K" : "Ctrl K";

const PLACES = { o: "overview", m: "members", p: "program", j: "jobs", s: "settings", n: "notices" };
let goes = 0;

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
  if (event.key === "/") {
    const field = document.querySelector("main input[type=search]");
    if (field) field.focus();
    else document.querySelector("[data-palette]")?.click();
    event.preventDefault();
  } else if (event.key === "?") {
    document.getElementById("help")?.togglePopover();
  } else if (event.key === "g") {
    goes = Date.now();
  } else if (Date.now() - goes < 1500 && event.key in PLACES) {
    goes = 0;
    document.querySelector(`.tasks a[href="/console/${PLACES[event.key]}"]`)?.click();
  }
});
