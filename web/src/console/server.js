// Whether the server is there and the person signed in, and the words that say so. Words come from <template>s in the page.

export function words(id) {
  return document.getElementById(`say-${id}`)?.content.firstElementChild.cloneNode(true) ?? null;
}

let band = null;

export function say(id, when = {}) {
  hush();
  band = words(id);
  if (!band) return;
  for (const [name, act] of Object.entries(when)) band.querySelector(`[data-${name}]`)?.addEventListener("click", act);
  document.body.append(band);
}

export function hush() {
  band?.remove();
  band = null;
}

let isLost = false;

export const lost = () => isLost;

export function found() {
  if (!isLost) return;
  isLost = false;
  say("back");
  setTimeout(hush, 4000);
}

export function lose(again) {
  isLost = true;
  say("away", { retry: again });
}

// Asks whether the way is open: "here" (the forms' token is current by then), "over" when the session ended, "away".
export async function ask() {
  try {
    const answer = await fetch("/console/alive", { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (answer.status === 401) return "over";
    if (!answer.ok) return "away";
    const { csrf } = await answer.json();
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = csrf;
    for (const holder of document.querySelectorAll("[data-csrf]")) holder.dataset.csrf = csrf;
    return "here";
  } catch {
    return "away";
  }
}

// The session is over: sign in beside this page, so that nothing typed here is lost. Resolves to whether to go on.
export function over() {
  return new Promise((settle) => {
    const dialog = words("over");
    if (!dialog) return settle(false);
    document.body.append(dialog);
    const end = (goOn) => {
      dialog.remove();
      settle(goOn);
    };
    dialog.querySelector("[data-close]").addEventListener("click", () => end(false));
    dialog.addEventListener("cancel", () => end(false));
    dialog.querySelector("[data-go-on]").addEventListener("click", async () => {
      if ((await ask()) === "here") return end(true);
      dialog.querySelector(".over-still").hidden = false;
    });
    dialog.showModal();
  });
}
