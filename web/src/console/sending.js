// Sending: nothing twice, nothing lost. A form asks first whether the server is there; what takes long says so.
import { ask, found, hush, lose, lost, over, say } from "./server.js";

const LINE_MS = 400;
const WORDS_MS = 8000;
let line = null;
let timers = [];

function begin(stop) {
  end();
  timers = [
    setTimeout(() => {
      line = document.createElement("div");
      line.className = "hurry";
      document.body.append(line);
    }, LINE_MS),
    setTimeout(() => say("slow", { stop }), WORDS_MS),
  ];
}

export function end() {
  timers.forEach(clearTimeout);
  if (timers.length && !lost()) hush();
  timers = [];
  line?.remove();
  line = null;
  for (const form of document.querySelectorAll("[data-sending]")) delete form.dataset.sending;
}

function stop() {
  window.stop();
  end();
}

const isOurs = (form) => form.method === "post" && !("plain" in form.dataset) && !form.matches("[hx-post], [hx-get], [data-hx-post]");

async function send(form, button) {
  const state = await ask();
  if (!("sending" in form.dataset)) return; // stopped meanwhile
  if (state === "here") {
    found();
    form.dataset.sending = "sent";
    form.dispatchEvent(new CustomEvent("desk:sent", { bubbles: true }));
    // The browser sends it: with its button's name, and without asking this file again.
    if (button?.name) {
      const named = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
      form.append(named);
      setTimeout(() => named.remove());
    }
    if (button?.formAction && button.hasAttribute("formaction")) form.action = button.formAction;
    HTMLFormElement.prototype.submit.call(form);
    return;
  }
  end();
  if (state === "over") {
    if (await over()) form.requestSubmit(button ?? undefined);
  } else {
    lose(() => form.requestSubmit(button ?? undefined));
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
  if ("sending" in form.dataset) return event.preventDefault();
  if (form.method === "dialog" || form.target === "_blank" || form.matches("[hx-get], [hx-post], [data-download]")) return;
  begin(stop);
  form.dataset.sending = "asking";
  if (!isOurs(form)) return;
  event.preventDefault();
  send(form, event.submitter);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target === "_blank" || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  if (!lost()) return begin(stop);
  event.preventDefault();
  const go = async () => {
    if ((await ask()) === "away") return lose(go);
    found();
    location.assign(link.href);
  };
  go();
});

window.addEventListener("pageshow", end);
window.addEventListener("pagehide", end);

// What HTMX sends: the same words.
document.addEventListener("htmx:before:request", () => begin(() => document.querySelectorAll(".htmx-request").forEach((one) => one.dispatchEvent(new CustomEvent("htmx:abort")))));
document.addEventListener("htmx:finally:request", end);
document.addEventListener("htmx:after:request", () => found());
document.addEventListener("htmx:error", (event) => {
  const { ctx, error } = event.detail ?? {};
  if (error?.name === "AbortError" || error instanceof TypeError || ctx?.response === undefined) lose(again(ctx));
});
document.addEventListener("htmx:response:error", async (event) => {
  const { ctx } = event.detail ?? {};
  if (ctx?.response?.status === 401 && (await over())) again(ctx)();
  if (ctx?.response?.status === 503) lose(again(ctx));
});

function again(ctx) {
  return async () => {
    if ((await ask()) === "away") return;
    found();
    const form = ctx?.sourceElement?.closest?.("form");
    if (form) form.requestSubmit();
    else ctx?.sourceElement?.click?.();
  };
}

// A page that says that the database is away looks by itself whether it is back; a form on it is sent by the person.
if (document.querySelector("[data-away]")) {
  const back = document.querySelector("[data-away] a[data-again]");
  const look = async () => {
    if (back && (await ask()) === "here") return location.replace(back.href);
    setTimeout(look, 4000);
  };
  if (back) setTimeout(look, 4000);
}
