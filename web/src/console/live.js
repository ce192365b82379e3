// What happens now, line by line, as the server tells it. The page comes with the last lines; this file keeps them coming, and
// rests while somebody reads: a pointer over the list, the focus in it, the pause button, or a hidden page hold them back.
const KEPT_MAX = 30;
const TOLD_EVERY_MS = 15_000;
const SLOWEST_MS = 30_000;

const spoken = (count) => count.toLocaleString("en-US", { maximumFractionDigits: count < 10 ? 1 : 0 });
const panel = document.querySelector("[data-stream]");

function follow(panel) {
  const list = panel.querySelector(".live-lines");
  const state = panel.querySelector(".live-state");
  const rate = panel.querySelector(".live-rate");
  const log = panel.querySelector("[role=log]");
  const pause = panel.querySelector(".live-pause");
  const empty = panel.querySelector(".live-empty");
  const fresh = document.querySelector("[data-fresh]");
  const words = panel.dataset;
  const held = [];
  const reasons = new Set();
  let line = "wait";
  let told = 0;
  let untold = 0;
  let telling;
  let wait = 1000;

  function show() {
    const name = reasons.has("asked") ? "paused" : line;
    let text = words[name];
    if (reasons.size > 0 && held.length > 0) text = words.held.replace("{n}", held.length);
    else if (reasons.size > 0 && line === "on") text = words.paused;
    state.dataset.liveState = reasons.size > 0 && line === "on" ? "paused" : name;
    state.firstElementChild.textContent = text;
  }

  // One summary now and then: a log that says every line would never be silent on a busy day.
  function tell(last) {
    untold += 1;
    const say = () => {
      const said = document.createElement("p");
      said.textContent = words.told.replace("{n}", untold).replace("{last}", last.textContent.replace(/\s+/g, " ").trim());
      log.replaceChildren(said);
      told = Date.now();
      untold = 0;
    };
    clearTimeout(telling);
    telling = setTimeout(say, Math.max(0, told + TOLD_EVERY_MS - Date.now()));
  }

  function put(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    const item = made.content.querySelector("li");
    if (!item || [...list.children].some((one) => one.dataset.key === item.dataset.key)) return;
    item.classList.add("live-line-new");
    list.prepend(item);
    while (list.children.length > KEPT_MAX) list.lastElementChild.remove();
    empty.hidden = true;
    panel.classList.add("live-moved");
    tell(item);
  }

  function flush() {
    if (reasons.size === 0) for (const html of held.splice(0)) put(html);
    show();
  }

  function hold(reason, on) {
    if (on) reasons.add(reason);
    else reasons.delete(reason);
    flush();
  }

  function pulse(facts) {
    for (const [name, value] of Object.entries(facts)) {
      if (typeof value !== "number") continue;
      for (const place of document.querySelectorAll(`[data-live="${name}"]`)) {
        const text = value.toLocaleString("en-US").replace("-", "−");
        if (place.textContent === text) continue;
        place.textContent = text;
        place.classList.remove("just-now");
        void place.offsetWidth;
        place.classList.add("just-now");
      }
    }
    if (typeof facts.rate === "number") rate.textContent = facts.rate > 0 ? rate.dataset.rate.replace("{n}", spoken(facts.rate)) : "";
    if (fresh && typeof facts.behind_s === "number") {
      fresh.textContent = facts.behind_s > 0 ? fresh.dataset.behind.replace("{n}", facts.behind_s) : fresh.dataset.now;
    }
  }

  function heard(name) {
    line = name;
    wait = 1000;
    show();
  }

  function open() {
    const source = new EventSource(words.stream);
    source.addEventListener("open", () => heard("on"));
    source.addEventListener("line", (event) => {
      held.push(JSON.parse(event.data).html);
      while (held.length > KEPT_MAX) held.shift();
      heard("on");
      flush();
    });
    source.addEventListener("pulse", (event) => {
      pulse(JSON.parse(event.data));
      heard("on");
    });
    source.addEventListener("away", () => heard("away"));
    source.addEventListener("over", () => {
      source.close();
      panel.classList.add("live-over");
      heard("over");
    });
    source.addEventListener("error", () => {
      line = "off";
      show();
      // A browser gives up on some answers (a refusal, a stopped server behind a proxy); then it is for us to try again.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, SLOWEST_MS);
    });
    addEventListener("pagehide", () => source.close(), { once: true });
  }

  pause.hidden = false;
  panel.classList.add("live-awake");
  pause.addEventListener("click", () => {
    const asked = !reasons.has("asked");
    pause.setAttribute("aria-pressed", asked);
    pause.querySelector(".live-pause-words").textContent = asked ? words.resume : words.pause;
    panel.classList.toggle("live-paused", asked);
    hold("asked", asked);
  });
  list.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && hold("pointer", true));
  list.addEventListener("pointerleave", () => hold("pointer", false));
  list.addEventListener("focusin", () => hold("focus", true));
  list.addEventListener("focusout", (event) => hold("focus", list.contains(event.relatedTarget)));
  document.addEventListener("visibilitychange", () => hold("hidden", document.hidden));
  show();
  open();
}

if (panel && "EventSource" in window) follow(panel);
