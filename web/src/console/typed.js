// What was typed: a changed form warns before it is left, and long text keeps a draft in this tab.
import { words } from "./server.js";

const changed = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-guard]")) changed.add(form);
});
document.addEventListener("desk:sent", () => changed.clear());
document.addEventListener("reset", (event) => changed.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

const keyOf = (field) => `draft:${location.pathname}:${field.dataset.draft}`;

function restore(field) {
  const draft = sessionStorage.getItem(keyOf(field));
  if (!draft || draft === field.value || "restored" in field.dataset) return;
  field.dataset.restored = "";
  const before = field.value;
  field.value = draft;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const note = words("draft");
  note.querySelector("[data-drop]").addEventListener("click", () => {
    field.value = before;
    sessionStorage.removeItem(keyOf(field));
    note.remove();
    field.focus();
  });
  field.after(note);
}

const restoreAll = () => document.querySelectorAll("textarea[data-draft]").forEach(restore);
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("textarea[data-draft]")) return;
  if (field.value.trim()) sessionStorage.setItem(keyOf(field), field.value);
  else sessionStorage.removeItem(keyOf(field));
});
// A draft that was sent goes with the page that says so: kept until then, in case the answer never comes.
document.addEventListener("desk:sent", (event) => {
  const keys = [...event.target.querySelectorAll("textarea[data-draft]")].map(keyOf);
  if (keys.length) sessionStorage.setItem("drafts-sent", JSON.stringify(keys));
});
if (!document.querySelector("[data-away]") && document.querySelector(".tasks")) {
  for (const key of JSON.parse(sessionStorage.getItem("drafts-sent") ?? "[]")) sessionStorage.removeItem(key);
  sessionStorage.removeItem("drafts-sent");
}
restoreAll();
document.addEventListener("htmx:after:swap", restoreAll);
