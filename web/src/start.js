// Name and look while one types: the preview takes the colour and the name at once, a chosen logo is shown at once.
// Without this file the button “Preview” does the same.
const picker = document.querySelector("[name='colour-pick']");
const text = document.querySelector("#colour");
const style = document.querySelector("#look-style");
const name = document.querySelector("#name");
const file = document.querySelector("#logo-file");
const show = document.querySelector("[data-show]");
let waiting = 0;

function paint() {
  const found = text.value.normalize("NFKC").trim().replace(/^#/, "").toLowerCase();
  const digits = /^[0-9a-f]{3}$/.test(found) ? found.replace(/./g, "$&$&") : found;
  const colour = digits === "" ? "1c4c7d" : digits;
  if (!/^[0-9a-f]{6}$/.test(colour)) return;
  picker.value = `#${colour}`;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    style.href = style.dataset.style.replace("{colour}", colour);
  }, 120);
}

if (picker && text && style) {
  picker.addEventListener("input", () => {
    text.value = picker.value;
    paint();
  });
  text.addEventListener("input", paint);
}
if (name) {
  name.addEventListener("input", () => {
    for (const place of document.querySelectorAll("[data-shows='name']")) place.textContent = name.value || "Kizuna";
  });
}
if (file && show) {
  file.addEventListener("change", () => {
    if (file.files.length) file.form.requestSubmit(show);
  });
}
