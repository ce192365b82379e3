// Charts that answer a pointer. The page comes with its charts drawn; this file, loaded only where there are charts, draws
// them again with tooltips when one comes into view, after everything else. If anything fails, the drawing stays.
const figures = document.querySelectorAll("[data-chart]");

const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 200));

function wake(figure) {
  import("./charts/drawn.js")
    .then(({ draw }) => draw(figure))
    .catch(() => {
      figure.classList.remove("chart-awake");
      figure.querySelector(".chart-live").hidden = true;
    });
}

function watch() {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        wake(target);
      }
    },
    { rootMargin: "200px" },
  );
  for (const figure of figures) seen.observe(figure);
}

if (figures.length > 0) {
  const begin = () => idle(watch);
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
}
