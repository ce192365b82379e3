// Notices: the bell opens them in place, looks often only while work is under way, and a toast tells when it ends elsewhere.
import { ask, found, lose, lost } from "./server.js";

const OFTEN_MS = 2000;
const SELDOM_MS = 60_000;
const bell = document.querySelector("[data-bell]");
const panel = document.getElementById("notices");
const followed = document.querySelector("[data-follow]");

if (bell && panel) {
  let open = Number(bell.dataset.bell);
  let states = null;
  let timer = 0;

  const statesOf = (root) => new Map([...root.querySelectorAll("[data-job]")].map((job) => [job.dataset.job, job.dataset.state]));
  const isOpen = (state) => state === "waiting" || state === "running";

  async function look() {
    clearTimeout(timer);
    try {
      const answer = await fetch(panel.dataset.live, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
      if (answer.ok) {
        found();
        take(await answer.text());
        if (followed && Number(followed.dataset.open)) await follow();
      } else if (answer.status === 401) {
        return; // whoever sends something next is told
      }
    } catch {
      if (!lost()) lose(again);
    }
    timer = setTimeout(look, open || lost() ? OFTEN_MS : SELDOM_MS);
  }

  async function again() {
    if ((await ask()) !== "away") found();
    look();
  }

  function take(html) {
    const at = document.activeElement?.closest?.("#notices a, #notices button")?.getAttribute("href");
    const page = new DOMParser().parseFromString(html, "text/html");
    const { open: now, unseen, label } = page.querySelector(".notices").dataset;
    open = Number(now);
    bell.setAttribute("aria-label", label);
    bell.querySelector(".bell-count, .bell-busy")?.remove();
    if (Number(unseen) || open) {
      const sign = document.createElement("span");
      sign.className = Number(unseen) ? "bell-count figure" : "bell-busy";
      sign.setAttribute("aria-hidden", "true");
      if (Number(unseen)) sign.textContent = Math.min(99, Number(unseen));
      bell.append(sign);
    }
    tell(page);
    panel.replaceChildren(...page.body.childNodes);
    if (at) panel.querySelector(`[href="${at}"]`)?.focus();
  }

  // What ended since the last look is told, unless it can be seen already.
  function tell(page) {
    const now = statesOf(page);
    for (const [id, state] of now) {
      const before = states?.get(id);
      if (before && isOpen(before) && !isOpen(state) && !panel.matches(":popover-open") && !followed) toast(page, id);
    }
    states = now;
  }

  function toast(page, id) {
    const job = page.querySelector(`[data-job="${id}"]`).cloneNode(true);
    job.querySelectorAll("[id]").forEach((one) => one.removeAttribute("id"));
    const band = document.createElement("div");
    band.className = "band";
    band.setAttribute("role", "status");
    band.append(job);
    document.body.append(band);
    setTimeout(() => band.remove(), 12_000);
  }

  async function follow() {
    const answer = await fetch(followed.dataset.follow, { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-follow]");
    if (!fresh) return;
    const at = document.activeElement?.closest?.("[data-follow] form")?.getAttribute("action");
    followed.replaceChildren(...fresh.childNodes);
    followed.dataset.open = fresh.dataset.open;
    if (at) followed.querySelector(`form[action="${at}"] button`)?.focus();
  }

  bell.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    panel.togglePopover();
  });
  panel.addEventListener("toggle", async (event) => {
    bell.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    await look();
    await fetch(panel.dataset.seen, { method: "POST", body: new URLSearchParams({ csrf: panel.dataset.csrf }), redirect: "manual" });
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  if (open) look();
  else timer = setTimeout(look, SELDOM_MS);
}
