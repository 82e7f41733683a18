// Runs before the styles, so that no page flashes in the wrong theme. A theme that the person
// chose is already in the page; without one the system's wish counts.
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  if (!root.dataset.bsTheme) {
    root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  // Paper is white, whatever the screen is.
  let onScreen = "light";
  addEventListener("beforeprint", () => {
    onScreen = root.dataset.bsTheme;
    root.dataset.bsTheme = "light";
  });
  addEventListener("afterprint", () => (root.dataset.bsTheme = onScreen));
})();
