// A button beside each date field opens a month to choose from; typing works as ever.
import { asDate, gregorian, jalali, readDay, shiftMonths, writeDay } from "./calendar.js";
import { $, $$ } from "./page.js";

const root = document.documentElement;
const WORDS = {
  fa: { open: "تقویم", title: "انتخاب روز", before: "ماه پیش", after: "ماه بعد", today: "امروز", close: "بستن" },
  en: { open: "Calendar", title: "Choose a day", before: "Previous month", after: "Next month", today: "Today", close: "Close" },
};
const KINDS = {
  jalali: { calendar: jalali, locale: "fa-IR-u-ca-persian", firstWeekday: 6, weekday: "narrow" },
  gregorian: { calendar: gregorian, locale: "en-GB", firstWeekday: 1, weekday: "short" },
};
const FIRST = readDay("1700-01-01"), LAST = readDay("2500-12-31");
const words = WORDS[root.lang] || WORDS.en;
const sprite = () => $("svg use")?.getAttribute("href").split("#")[0];

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function icon(name, flips = false) {
  const box = make("span");
  box.innerHTML = `<svg class="i${flips ? " i-flip" : ""}" aria-hidden="true"><use href="${sprite()}#i-${name}"/></svg>`;
  return box.firstChild;
}

function speak(kind) {
  const say = (style) => {
    const format = new Intl.DateTimeFormat(kind.locale, { ...style, timeZone: "UTC" });
    return (count) => format.format(asDate(count));
  };
  const month = say({ month: "long" }), weekday = say({ weekday: "long" }), brief = say({ weekday: kind.weekday });
  const number = new Intl.NumberFormat(kind.locale, { useGrouping: false });
  const title = (count) => `${month(count)} ${number.format(kind.calendar.fromDay(count)[0])}`;
  const day = (count) => number.format(kind.calendar.fromDay(count)[2]);
  return { weekday, brief, title, day, whole: (count) => `${weekday(count)} ${day(count)} ${title(count)}` };
}

const limits = (input, today) => {
  const least = "notPast" in input.dataset ? today : null;
  return [readDay(input.dataset.min) ?? least ?? FIRST, readDay(input.dataset.max) ?? LAST];
};

function openCalendar(input) {
  const kind = KINDS[input.dataset.calendar] || KINDS.gregorian, { calendar } = kind, told = speak(kind);
  const today = readDay(root.dataset.today), chosen = readDay(input.value), [least, most] = limits(input, today);
  const within = (count) => Math.max(least, Math.min(most, count));
  const place = (count) => (((count + 4 - kind.firstWeekday) % 7) + 7) % 7;
  let at = within(chosen ?? today);

  const title = make("h2", { id: "cal-title", class: "fs-6 mb-0", "aria-live": "polite" });
  const head = make("tr"), body = make("tbody");
  const button = (label, style, act, ...inside) => {
    const made = make("button", { type: "button", class: `btn ${style}`, "aria-label": inside[0] === label ? null : label }, ...inside);
    made.addEventListener("click", act);
    return made;
  };
  const grid = make("table", { role: "grid", "aria-labelledby": "cal-title" }, make("thead", {}, head), body);
  const dialog = make("dialog", { class: "cal", "aria-label": `${words.title}: ${nameOf(input)}` },
    make("div", { class: "cal-head" },
      button(words.before, "btn-ghost btn-icon", () => go(shiftMonths(calendar, at, -1)), icon("prev", true)), title,
      button(words.after, "btn-ghost btn-icon", () => go(shiftMonths(calendar, at, 1)), icon("next", true))),
    grid,
    make("div", { class: "row-flex mt-2" },
      button(words.today, "btn-quiet", () => { go(today); focusDay(); }, words.today),
      button(words.close, "btn-ghost push", () => dialog.close(), words.close)));

  function drawDay(count) {
    const cell = make("td", {
      role: "gridcell", "data-day": count, tabindex: count === at ? 0 : -1, "aria-label": told.whole(count),
      "aria-selected": count === chosen, "aria-current": count === today ? "date" : null,
      "aria-disabled": within(count) === count ? null : "true",
    });
    cell.textContent = told.day(count);
    return cell;
  }

  function draw() {
    const [year, month] = calendar.fromDay(at), first = calendar.toDay(year, month, 1);
    const next = shiftMonths(calendar, first, 1), start = first - place(first);
    title.textContent = told.title(at);
    body.replaceChildren();
    for (let week = start; week < next; week += 7) {
      const days = [0, 1, 2, 3, 4, 5, 6].map((by) => week + by);
      body.append(make("tr", {}, ...days.map((day) => (day < first || day >= next ? make("td") : drawDay(day)))));
    }
  }

  const focusDay = () => $("[tabindex='0']", body).focus();
  function go(count) {
    at = within(count);
    draw();
  }

  function choose(count) {
    if (within(count) !== count) return;
    input.value = writeDay(calendar, count);
    for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
    dialog.close();
  }

  const ahead = root.dir === "rtl" ? -1 : 1;
  const moves = {
    ArrowRight: () => at + ahead, ArrowLeft: () => at - ahead, ArrowDown: () => at + 7, ArrowUp: () => at - 7,
    Home: () => at - place(at), End: () => at + 6 - place(at),
    PageUp: (event) => shiftMonths(calendar, at, event.shiftKey ? -12 : -1),
    PageDown: (event) => shiftMonths(calendar, at, event.shiftKey ? 12 : 1),
  };
  body.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") choose(at);
    else if (moves[event.key]) { go(moves[event.key](event)); focusDay(); }
    else return;
    event.preventDefault();
  });
  body.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-day]");
    if (cell) choose(Number(cell.dataset.day));
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());

  const monday = readDay("2026-11-23"), firstOfWeek = monday - place(monday);
  for (let day = firstOfWeek; day < firstOfWeek + 7; day += 1) {
    head.append(make("th", { scope: "col", abbr: told.weekday(day) }, told.brief(day)));
  }
  draw();
  document.body.append(dialog);
  dialog.showModal();
  focusDay();
}

function nameOf(input) {
  const label = input.labels[0] || $("legend", input.closest("fieldset") || document.createElement("i"));
  return input.getAttribute("aria-label") || (label ? label.firstChild.textContent.trim() : words.open);
}

function addButton(input) {
  const label = `${words.open}: ${nameOf(input)}`;
  const button = make("button", { type: "button", class: "btn btn-quiet", "aria-haspopup": "dialog", "aria-label": label }, icon("cal"), words.open);
  button.addEventListener("click", () => openCalendar(input));
  input.after(button);
}

export function startDates() {
  for (const input of $$("input[data-calendar]")) addButton(input);
}
