// Shows and hides the parts of a form as its answers say; the server knows the conditions.
// What is typed in a part stays in it while it is hidden, and comes back with it. No field
// carries the attribute "required" (the server checks), so a hidden one blocks no sending.
import { $, $$ } from "./page.js";

const WAIT = { input: 400, change: 50 };
const WORDS = {
  fa: { shown: "نمایش داده شد: ", hidden: "پنهان شد: ", comma: "، ", stop: ". " },
  en: { shown: "Now shown: ", hidden: "Now hidden: ", comma: ", ", stop: ". " },
};
const words = WORDS[document.documentElement.lang] || WORDS.en;

// Files are left out: no condition reads them.
function readAnswers(form) {
  const texts = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new URLSearchParams(texts);
}

// A group speaks through what is in it, so only questions and texts have a name here.
function nameOf(part) {
  const label = $(".form-label, .form-check-label", part);
  return (label ? label.firstChild : part).textContent.trim();
}

function tell(region, changed) {
  const names = (hidden) =>
    changed.filter((part) => part.hidden === hidden && part.tagName !== "FIELDSET").map(nameOf).filter(Boolean);
  const say = (start, list) => (list.length ? start + list.join(words.comma) + words.stop : "");
  region.textContent = (say(words.shown, names(false)) + say(words.hidden, names(true))).trim();
}

function addRegion(form) {
  const region = document.createElement("p");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  form.append(region);
  return region;
}

// A browser that reloads a page or comes back to it fills in what was written there before.
const isFresh = () => performance.getEntriesByType("navigation")[0]?.type === "navigate";

function startForm(form) {
  const parts = $$("[data-part]", form), region = addRegion(form);
  let wanted = new Set(), asked = isFresh() ? String(readAnswers(form)) : "", timer = 0, call = null;

  // The part where the person stands never vanishes under them; it goes when they leave it.
  function apply() {
    const changed = parts.filter((part) => {
      const hide = wanted.has(part.dataset.part) && !part.contains(document.activeElement);
      return hide !== part.hidden;
    });
    for (const part of changed) part.hidden = !part.hidden;
    if (changed.length) tell(region, changed);
  }

  async function ask() {
    const answers = readAnswers(form);
    if (String(answers) === asked) return;
    asked = String(answers);
    call?.abort();
    call = new AbortController();
    const told = await fetch(form.dataset.conditions, { method: "POST", body: answers, signal: call.signal })
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
    if (!told) return;
    wanted = new Set(told.hidden);
    apply();
  }

  function askSoon(event) {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT[event.type]);
  }

  for (const part of parts) {
    if ("hidden" in part.dataset) part.hidden = true;
    part.removeAttribute("data-hidden");
    if (part.hidden) wanted.add(part.dataset.part);
  }
  for (const field of $$("[data-required]", form)) field.setAttribute("aria-required", "true");
  form.addEventListener("input", askSoon);
  form.addEventListener("change", askSoon);
  form.addEventListener("focusout", () => setTimeout(apply));
  window.addEventListener("pageshow", ask);
}

export function startConditions() {
  for (const form of $$("form[data-conditions]")) if ($("[data-part]", form)) startForm(form);
}
