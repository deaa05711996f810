// Dark or light before the first paint, as chosen here before or as the system has it; and the keys.
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("brandpulse-theme");
    } catch {
      return null; // storage may be forbidden
    }
  };
  const apply = () => {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    window.setDark?.(theme === "dark");
    for (const button of document.querySelectorAll("[data-theme-button]")) {
      button.setAttribute("aria-label", theme === "dark" ? "Switch to light" : "Switch to dark");
    }
  };
  apply();
  system.addEventListener("change", apply);

  const toggle = () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      if ((theme === "dark") === system.matches) localStorage.removeItem("brandpulse-theme");
      else localStorage.setItem("brandpulse-theme", theme);
      apply();
    } catch {
      document.documentElement.dataset.theme = theme;
    }
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-theme-button]")) toggle();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector("#app [data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  window.brandpulse = { apply };
})();

// Forms of the alert's page: sent to the API, whose answer is said in words.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-post]");
  if (!form) return;
  event.preventDefault();
  const told = form.querySelector("[role=status]") ?? form.appendChild(document.createElement("span"));
  told.setAttribute("role", "status");
  const { alert, post } = form.dataset;
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== "" || post === "note"));
  try {
    const answer = await fetch(`/api/v1/alerts/${encodeURIComponent(alert)}/${post}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(fields),
    });
    const problem = answer.ok ? null : await answer.json().catch(() => ({}));
    told.textContent = problem === null ? "Saved." : `Not saved: ${problem.detail ?? problem.title ?? answer.status}`;
  } catch {
    told.textContent = "Not saved: the server does not answer.";
  }
});
