// Single keys follow the physical key (event.code), so they work with a Persian layout too.
// They never fire inside fields, and a person may turn them off (WCAG 2.1.4).
import { $ } from "./page.js";

const inField = (target) =>
  target.closest("input:not([type=checkbox]):not([type=radio]),textarea,select,dialog,[contenteditable]");

const press = (name) => {
  const target = $(`[data-key=${name}]`);
  if (target) target.click();
  return Boolean(target);
};

const focus = (name) => {
  const target = $(`[data-key=${name}]`);
  if (target) target.focus();
  return Boolean(target);
};

function compose(mode) {
  const choice = $(`[data-mode=${mode}]`);
  if (!choice) return false;
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  return focus("composer");
}

function openAssign() {
  const menu = $("details[data-key=assign]");
  if (!menu) return false;
  menu.open = true;
  $("select, input:not([type=hidden])", menu)?.focus();
  return true;
}

function openHelp() {
  $("#keys")?.showModal();
  return Boolean($("#keys"));
}

export function startKeys(inbox) {
  const moves = {
    KeyJ: () => inbox?.move(1) || press("next"),
    KeyK: () => inbox?.move(-1) || press("prev"),
    KeyX: () => inbox?.mark(),
    Escape: () => inbox?.clear(),
    KeyC: () => press("claim"),
    KeyA: openAssign,
    KeyR: () => compose("reply"),
    KeyN: () => compose("note"),
    Slash: () => focus("search"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (inField(event.target)) {
      if (event.code === "Escape" && !event.target.closest("dialog")) event.target.blur();
      return;
    }
    if (document.body.dataset.keys === "off" && event.code !== "Escape") return;
    const act = event.code === "Slash" && event.shiftKey ? openHelp : moves[event.code];
    if (act && act()) event.preventDefault();
  });
}
