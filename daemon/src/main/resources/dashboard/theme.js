// Runs before the first paint: the theme somebody chose, or none, which follows the system.
(() => {
  const chosen = localStorage.getItem('novacron.theme');
  if (chosen) document.documentElement.dataset.theme = chosen;
})();
