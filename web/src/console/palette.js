// The palette: one field over everything. A combobox with a listbox; the server finds, this file chooses and goes.
import { over } from "./server.js";

const dialog = document.getElementById("palette");
if (dialog) {
  const field = dialog.querySelector("input[name=q]");
  const list = dialog.querySelector("[role=listbox]");
  const none = dialog.querySelector(".palette-none");
  const count = dialog.querySelector("[data-count]");
  const KEPT = "palette-recent";
  let asked = null;
  let waiting = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector('[aria-selected="true"]');
  const recent = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function show(html) {
    list.innerHTML = html;
    if (!field.value.trim()) showRecent();
    options().forEach((option, n) => (option.id = `palette-${n}`));
    none.hidden = options().length > 0;
    count.textContent = list.querySelector("[data-said]")?.textContent ?? "";
    choose(field.value.trim() ? options()[0] : null);
  }

  function showRecent() {
    const kept = recent();
    if (!kept.length) return;
    const group = dialog.querySelector("[data-recent]").content.firstElementChild.cloneNode(true);
    for (const text of kept) {
      const row = dialog.querySelector("[data-recent-row]").content.firstElementChild.cloneNode(true);
      row.dataset.again = text;
      row.querySelector(".palette-words").textContent = text;
      group.append(row);
    }
    list.prepend(group);
  }

  async function find() {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${dialog.dataset.live}?q=${encodeURIComponent(field.value)}`, { signal: asked.signal });
      if (answer.status === 401) {
        dialog.close();
        if (await over()) open();
        return;
      }
      if (answer.ok) show(await answer.text());
    } catch (fault) {
      if (fault.name !== "AbortError") show("");
    }
  }

  function open() {
    if (dialog.open) return;
    dialog.showModal();
    field.value = "";
    field.focus();
    find();
  }

  function go(option) {
    if (!option) return;
    if (option.dataset.again) {
      field.value = option.dataset.again;
      field.focus();
      return find();
    }
    const text = field.value.trim();
    if (text) localStorage.setItem(KEPT, JSON.stringify([text, ...recent().filter((one) => one !== text)].slice(0, 5)));
    if (option.dataset.fields === undefined) {
      dialog.close();
      return location.assign(option.dataset.href);
    }
    const form = Object.assign(document.createElement("form"), { method: "post", action: option.dataset.href });
    const fields = { csrf: dialog.dataset.csrf, next: location.pathname + location.search, ...JSON.parse(option.dataset.fields) };
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      dialog.open ? dialog.close() : open();
    }
  });
  document.querySelector("[data-palette]")?.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
  dialog.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(find, 120);
  });
  field.addEventListener("compositionend", find);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(chosen());
    const step = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      choose(all[(step + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(chosen() ?? (field.value.trim() ? null : all[0]));
    }
  });
}
