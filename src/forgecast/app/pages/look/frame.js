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
  // What is done before the line to the server is there waits in the line's own queue, in order. NiceGUI would let each
  // event wait by a clock of its own, and then send them in any order: the last letters typed before the first.
  Object.defineProperty(window, "did_handshake", { get: () => Boolean(window.socket), set() {}, configurable: true });
  const under = new Map();
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));
  async function fetched(address, onWorking) {
    for (;;) {
      const answer = await fetch(address, { headers: { Accept: "application/json", Prefer: "wait=10" } });
      const content = await answer.json().catch(() => null);
      if (answer.status === 202) {
        const job = content || {};
        if (job.error || job.state === "failed" || job.state === "stopped") throw Object.assign(new Error("job"), { told: job.error });
        onWorking?.(job);
        await pause(400);
        continue;
      }
      if (!answer.ok) throw Object.assign(new Error(`${answer.status}`), { told: content?.error });
      return content;
    }
  }
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
    // Several parts that show one answer fetch it once.
    json(address, onWorking) {
      if (!under.has(address)) {
        under.set(address, fetched(address, onWorking));
        under.get(address).catch(() => {}).finally(() => setTimeout(() => under.delete(address), 1500));
      }
      return under.get(address);
    },
    inside: (content, path) => (path ? path.split(".").reduce((at, key) => at?.[key], content) : content),
    said: (words, language) =>
      words == null ? "" : typeof words === "object" ? words[language] ?? words.en ?? "" : String(words),
    filled: (template, values) => template.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole),
    // Three significant digits at least, thousands set off, a true minus sign.
    number(value, digits = 3) {
      if (value == null || !Number.isFinite(value)) return "—";
      const size = Math.abs(value);
      const decimals = size === 0 || Number.isInteger(value) ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
      return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(decimals, 12) }).replace("-", "−");
    },
    why(error, words, language) {
      const told = error?.told;
      if (!told) return words.failed;
      return [told.what, told.repair].map((part) => this.said(part, language)).filter(Boolean).join(" → ");
    },
    css: (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim(),
    onTheme(act) {
      const watch = new MutationObserver(act);
      watch.observe(root, { attributes: true, attributeFilter: ["data-theme"] });
      return watch;
    },
    save(blob, name) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name.replace(/[\\/:*?"<>|]+/g, " ").trim();
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 5000);
    },
    // A cell that a spreadsheet would take for a formula is made plain words.
    csv(rows) {
      const cell = (value) => {
        let words = value == null ? "" : String(value);
        if (/^[=+@\t\r]/.test(words) || (words.startsWith("-") && Number.isNaN(Number(words)))) words = `'${words}`;
        return /[",\n\r]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
      };
      return new Blob(["\ufeff" + rows.map((row) => row.map(cell).join(",")).join("\r\n")], { type: "text/csv" });
    },
    clock(ms, zone, language, seconds = false) {
      const form = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
      if (seconds) form.second = "2-digit";
      const part = Object.fromEntries(new Intl.DateTimeFormat("en-GB", form).formatToParts(ms).map((p) => [p.type, p.value]));
      return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}${seconds ? `:${part.second}` : ""}`;
    },
  };
})();
