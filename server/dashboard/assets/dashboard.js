// Improves pages that work without it: copy buttons, forms that are sent once, parts that stay fresh.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected: press Ctrl-C";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// A second click finds the button resting; the server would have ignored it too.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; });
  });
}
// Back from the browser's memory: the buttons work again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form button:disabled")) button.disabled = false;
});

// <section id="…" data-live="5"> is replaced by what the server says of it every 5 seconds while somebody looks: who
// has touched nothing for half an hour has gone. X-Live tells the server that this is no use of the session.
let touched = Date.now();
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
  addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
}
for (const part of document.querySelectorAll("[data-live][id]")) {
  const seconds = Number(part.dataset.live);
  setInterval(async () => {
    const current = document.getElementById(part.id);
    if (document.hidden || Date.now() - touched > 30 * 60 * 1000 || current.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { redirect: "error", headers: { "X-Live": "1" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (fresh && fresh.innerHTML !== current.innerHTML) current.replaceChildren(...fresh.childNodes);
    } catch { /* Offline or signed out: what is shown stays, and the next load says so. */ }
  }, seconds * 1000);
}
