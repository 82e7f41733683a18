// A button beside each date field opens a month to choose from; typing works as ever.
import { readDay, writeDay } from "./calendar.js";
import { KINDS, make, Month } from "./month.js";
import { $, $$ } from "./page.js";

const WORDS = {
  fa: { open: "تقویم", title: "انتخاب روز", before: "ماه پیش", after: "ماه بعد", today: "امروز", close: "بستن" },
  en: { open: "Calendar", title: "Choose a day", before: "Previous month", after: "Next month", today: "Today", close: "Close" },
};
const FIRST = readDay("1700-01-01"), LAST = readDay("2500-12-31");
const root = document.documentElement;
const words = WORDS[root.lang] || WORDS.en;

// The sprite's address carries a mark of its content, so it is taken from an icon of the page.
function icon(name, flips = false) {
  const drawn = $("svg.i[aria-hidden]").cloneNode(true);
  const use = $("use", drawn);
  drawn.setAttribute("class", flips ? "i i-flip" : "i");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${name}`));
  return drawn;
}

function makeButton(style, label, act, ...inside) {
  const spoken = inside.includes(label) ? {} : { "aria-label": label };
  const made = make("button", { type: "button", class: `btn ${style}`, ...spoken }, ...inside);
  made.addEventListener("click", act);
  return made;
}

function nameOf(input) {
  const label = input.labels[0];
  return input.getAttribute("aria-label") || (label ? label.firstChild.textContent.trim() : "");
}

// The limits are days of their own, or the field takes no day that has passed.
function makeLimits(input, today) {
  const least = readDay(input.dataset.min) ?? ("notPast" in input.dataset ? today : FIRST);
  const most = readDay(input.dataset.max) ?? LAST;
  return (count) => Math.max(least, Math.min(most, count));
}

function write(input, text) {
  input.value = text;
  for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
}

function drawDialog(input, month, close) {
  return make("dialog", { class: "cal", "aria-label": `${words.title}: ${nameOf(input)}` },
    make("div", { class: "cal-head" },
      makeButton("btn-ghost btn-icon", words.before, () => month.turn(-1), icon("prev", true)),
      month.title,
      makeButton("btn-ghost btn-icon", words.after, () => month.turn(1), icon("next", true))),
    month.grid,
    make("div", { class: "row-flex mt-2" },
      makeButton("btn-quiet", words.today, () => { month.go(month.today); month.focus(); }, words.today),
      makeButton("btn-ghost push", words.close, close, words.close)));
}

function openCalendar(input) {
  const kind = KINDS[input.dataset.calendar] || KINDS.gregorian, today = readDay(root.dataset.today);
  const close = () => dialog.close();
  const choose = (count) => {
    write(input, writeDay(kind.calendar, count));
    close();
  };
  const month = new Month({ kind, today, chosen: readDay(input.value), within: makeLimits(input, today), choose });
  const dialog = drawDialog(input, month, close);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  month.focus();
}

export function startDates() {
  for (const input of $$("input[data-calendar]")) {
    const label = `${words.open}: ${nameOf(input)}`;
    const button = makeButton("btn-quiet", label, () => openCalendar(input), icon("cal"), words.open);
    button.setAttribute("aria-haspopup", "dialog");
    input.after(button);
  }
}
