// A slider under a number that is tried out: it follows what is typed, and types what it is moved to. `data-slide` is "least most step".
const figure = (text) => Number(text.normalize("NFKC").replace(/[,\s]/g, ""));

for (const field of document.querySelectorAll("input[data-slide]")) {
  const [least, most, step] = field.dataset.slide.split(" ");
  const slider = Object.assign(document.createElement("input"), { type: "range", className: "backtests-slide" });
  Object.assign(slider, { min: least, max: most, step });
  slider.setAttribute("aria-label", field.labels[0].textContent.trim());
  const follow = () => {
    slider.value = Number.isNaN(figure(field.value)) ? least : figure(field.value);
  };
  slider.addEventListener("input", () => {
    field.value = Number(slider.value).toLocaleString("en-US");
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  field.addEventListener("input", follow);
  follow();
  field.closest(".control-box").after(slider);
}
