// A list of many rows, by key and with a panel beside it. Without this file every row is a link to its whole page.
//
// j, k and the arrows move along the rows, Enter opens, Escape closes; the address always names what is shown.
import htmx from "htmx.org";

const wide = matchMedia("(width >= 1080px)");
let shown = null; // the list that is on the page, by its query

const links = () => [...document.querySelectorAll("[data-rows] .row-link")];


function mark(member) {
  for (const one of links()) one.closest("tr").classList.toggle("is-open", one.dataset.member === member);
}

function listed() {
  const query = new URLSearchParams(location.search);
  query.delete("open");
  return query;
}

function address(member) {
  const query = listed();
  if (member) query.set("open", member);
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "");
}

async function show(member) {
  await htmx.ajax("GET", `/console/members/${member}/panel?${listed()}`, { target: "#panel", swap: "outerHTML" });
  mark(member);
  document.querySelector("#panel")?.focus({ preventScroll: true });
}

function hide() {
  const panel = document.querySelector("#panel");
  if (!panel || panel.hidden) return false;
  const open = document.querySelector("[data-rows] tr.is-open .row-link");
  panel.replaceChildren();
  panel.hidden = true;
  mark(null);
  open?.focus();
  return true;
}

document.addEventListener("click", (event) => {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
  const row = event.target.closest?.("[data-rows] .row-link");
  if (row && wide.matches) {
    event.preventDefault();
    go(row.dataset.member);
    show(row.dataset.member);
  } else if (event.target.closest?.("[data-panel-close]") && document.querySelector("[data-rows]")) {
    event.preventDefault();
    go(null);
    hide();
  }
});

function go(member) {
  shown = listed().toString();
  history.pushState({ panel: member }, "", address(member));
}

// Back and forward: when only the open member differs, the list stays as it is.
addEventListener(
  "popstate",
  (event) => {
    if (!document.querySelector("[data-rows]") || location.pathname !== "/console/members") return;
    if (listed().toString() !== shown) return;
    event.stopImmediatePropagation();
    const member = new URLSearchParams(location.search).get("open");
    if (member) show(member);
    else hide();
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) {
    if (hide()) go(null);
    return;
  }
  if (event.target.closest?.("input, select, textarea, [contenteditable], dialog, [popover]")) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const rows = step ? links() : [];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  if (at < 0 && event.key.startsWith("Arrow")) return; // the arrows scroll until a row has the focus
  event.preventDefault();
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next].focus();
});

