// Refreshes a page and filters it in place. Every page works without this script, which fetches the
// page that the server would have shown and copies its dynamic parts into this one.
"use strict";

(() => {
  const parts = [...document.querySelectorAll("[data-refresh][id]")];
  const form = document.querySelector("form[data-live]");
  const seconds = parts.length > 0 ? Number(parts[0].dataset.refresh) : 0;
  let paused = false;
  let timer = 0;
  let asked = 0;

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const said = button.textContent;
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Copy failed";
      }
      setTimeout(() => { button.textContent = said; }, 2000);
    });
  }

  if (parts.length === 0) return;

  const note = document.getElementById("refreshed");
  const pause = document.getElementById("pause");

  // Shows the page at `url`; of several concurrent requests, only the last one takes effect.
  async function show(url) {
    const turn = ++asked;
    clearTimeout(timer);
    for (const part of parts) part.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn !== asked) return;
      const fresh = parts.map((part) => page.getElementById(part.id));
      if (fresh.includes(null)) throw new Error(`status ${answer.status}`);
      parts.forEach((part, at) => replace(part, fresh[at]));
      choices(page);
      document.title = page.title;
      say("");
    } catch (error) {
      if (turn === asked) say(`The daemon does not answer (${error.message}). The page shows its last response.`);
    } finally {
      if (turn === asked) {
        for (const part of parts) part.removeAttribute("aria-busy");
        wait();
      }
    }
  }

  // Replaces a part and preserves the focus and open details.
  function replace(part, fresh) {
    if (part.innerHTML === fresh.innerHTML) return;
    const focused = document.activeElement;
    const key = part.contains(focused) ? mark(focused) : null;
    const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    part.replaceChildren(...fresh.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    const again = key && [...part.querySelectorAll("a, button, summary")].find((each) => mark(each) === key);
    again?.focus({ preventScroll: true });
  }

  // Updates the options of the selection lists and preserves the selected ones.
  function choices(page) {
    if (!form) return;
    for (const list of form.querySelectorAll("select")) {
      const fresh = page.getElementById(list.id);
      if (!fresh || fresh.innerHTML === list.innerHTML || document.activeElement === list) continue;
      const chosen = list.value;
      list.replaceChildren(...fresh.childNodes);
      list.value = chosen;
    }
  }

  // Identifies a focusable element.
  function mark(element) {
    return `${element.id}|${element.getAttribute("href")}|${element.className}`;
  }

  function say(words) {
    if (!note) return;
    note.textContent = words;
    note.hidden = words === "";
  }

  function wait() {
    clearTimeout(timer);
    if (seconds > 0 && !paused && !document.hidden) timer = setTimeout(() => show(location.href), seconds * 1000);
  }

  function go(url, keeps) {
    if (keeps) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    show(url);
  }

  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.setAttribute("aria-pressed", String(paused));
      wait();
    });
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : !paused && seconds > 0 && show(location.href)));
  addEventListener("popstate", () => {
    fill();
    show(location.href);
  });

  // Links that only change the query are handled in place; other links load a new page.
  for (const part of parts) part.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!form || !link || !plain || link.origin !== location.origin || link.pathname !== location.pathname) return;
    if (link.hash) return;
    event.preventDefault();
    go(link.href, false);
    fill();
  });

  if (form) {
    let typing = 0;
    const send = (keeps) => {
      clearTimeout(typing);
      const given = [...new FormData(form)].filter(([, value]) => value !== "");
      const query = new URLSearchParams(given).toString();
      go(location.pathname + (query ? `?${query}` : ""), keeps);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(false);
    });
    form.addEventListener("input", (event) => {
      clearTimeout(typing);
      typing = setTimeout(() => send(event.target.type === "search"), event.target.type === "search" ? 200 : 0);
    });
    for (const button of form.querySelectorAll("[data-unneeded]")) button.hidden = true;
    document.addEventListener("keydown", (event) => {
      const search = form.querySelector("input[type=search]");
      const types = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key !== "/" || types || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      search?.select();
    });
  }

  // Copies the parameters of the URL into the fields.
  function fill() {
    if (!form) return;
    const asked = new URLSearchParams(location.search);
    for (const field of form.elements) {
      if (field.name) field.value = asked.get(field.name) ?? "";
    }
  }

  wait();
})();
