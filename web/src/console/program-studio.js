// The studio, nicer: what is typed grows a warning before it is left, also after a form was drawn anew; the text has line numbers.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.target?.id !== "part") return;
  const form = document.querySelector("form.studio-form");
  form?.querySelector("input:not([type=hidden]), select")?.dispatchEvent(new CustomEvent("input", { bubbles: true }));
});

// Another occasion tells of other things: the form is asked for once more, with nothing tried yet.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches?.("select[data-resubmit]")) return;
  const does = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: field.dataset.resubmit });
  field.form.append(does);
  field.form.requestSubmit();
});

for (const code of document.querySelectorAll("[data-lines]")) {
  const area = code.querySelector("textarea");
  const lines = document.createElement("div");
  lines.className = "code-lines";
  lines.setAttribute("aria-hidden", "true");
  const count = () => {
    const n = area.value.split("\n").length;
    if (lines.childElementCount === 0 && lines.dataset.n === String(n)) return;
    lines.dataset.n = n;
    lines.textContent = Array.from({ length: n }, (_, at) => at + 1).join("\n");
    lines.style.maxHeight = `${area.clientHeight}px`;
  };
  area.addEventListener("input", count);
  area.addEventListener("scroll", () => (lines.scrollTop = area.scrollTop));
  code.prepend(lines);
  count();
}
