// A button beside a value copies it. Without script, or where the browser keeps its clipboard to itself, there is no button.
const CONFIRMED_MS = 2000;

function reveal(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.getAttribute("aria-label");
  button.setAttribute("aria-label", button.dataset.copied);
  button.classList.add("copy-done");
  setTimeout(() => {
    button.setAttribute("aria-label", label);
    button.classList.remove("copy-done");
  }, CONFIRMED_MS);
});

reveal(document);
document.addEventListener("htmx:after:swap", () => reveal(document));
