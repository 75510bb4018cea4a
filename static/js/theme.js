/* Runs before the first paint: the chosen theme, if this browser has one; and that scripts run at all. */
document.documentElement.dataset.scripts = "on";
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* storage refused: the system's theme stays */ }
