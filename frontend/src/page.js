// What every page shares: theme, dialogs, toasts, menus. Pages work without any of it.
export const $ = (selector, scope = document) => scope.querySelector(selector);
export const $$ = (selector, scope = document) => [...scope.querySelectorAll(selector)];
const root = document.documentElement;

// The choice is kept in a cookie, so that the server writes the theme into the next page.
function switchTheme() {
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; SameSite=Lax`;
}

const clicks = {
  "[data-theme-toggle]": switchTheme,
  "[data-open]": (button) => $(button.dataset.open)?.showModal(),
  "[data-dismiss]": (button) => button.closest(".toast-pg").remove(),
};

function closeMenus(event) {
  for (const menu of $$("details.menu[open], details.drop-d[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

// A path opens scrolled to where the request stands.
function showLiveStep() {
  const here = $(".strip .here");
  if (!here) return;
  const strip = here.parentNode, mark = here.getBoundingClientRect(), box = strip.getBoundingClientRect();
  strip.scrollLeft += mark.left + mark.width / 2 - box.left - box.width / 2;
}

// A shown password is hidden again before it is sent, so that browsers offer to keep it.
function showPassword(button) {
  const field = $(`#${button.dataset.shows}`), shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
}

export function startPage() {
  document.addEventListener("click", (event) => {
    closeMenus(event);
    for (const [selector, act] of Object.entries(clicks)) {
      const target = event.target.closest(selector);
      if (target) act(target);
    }
    const eye = event.target.closest("[data-shows]");
    if (eye) showPassword(eye);
  });
  showLiveStep();
  $("[data-focus]")?.focus();
}
