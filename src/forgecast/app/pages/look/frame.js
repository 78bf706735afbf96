// What the frame does by itself: theme, the menu on a phone, the chooser of plants.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const wanted = root.dataset.wanted || "auto";
    root.dataset.theme = wanted === "auto" ? (system.matches ? "dark" : "light") : wanted;
  };
  show();
  system.addEventListener("change", show);
  const menu = (open) => {
    const frame = document.querySelector(".fc-frame");
    if (!frame) return;
    frame.classList.toggle("fc-open", open);
    document.querySelector("[data-fc=menu]")?.setAttribute("aria-expanded", String(open));
    if (open) frame.querySelector(".fc-nav a[aria-current], .fc-nav a")?.focus();
  };
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("[data-fc]");
    if (!pressed) return;
    if (pressed.dataset.fc === "menu") menu(!document.querySelector(".fc-open"));
    if (pressed.dataset.fc === "shade") menu(false);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-fc=plant]")) location.assign(event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !document.querySelector(".fc-open")) return;
    menu(false);
    document.querySelector("[data-fc=menu]")?.focus();
  });
  window.forgecast = {
    csrf: () => document.querySelector("meta[name=forgecast-csrf]")?.content || "",
    theme(wanted) {
      root.dataset.wanted = wanted;
      show();
      window.Quasar?.Dark?.set(root.dataset.theme === "dark");
    },
    keep(name, value) {
      document.cookie = `forgecast_${name}=${value};path=/;max-age=31536000;samesite=lax`;
    },
  };
})();
