// The days of one month as a grid of ARIA: one day can be reached by Tab, the others by keys.
import { asDate, gregorian, jalali, shiftMonths } from "./calendar.js";

export const KINDS = {
  jalali: { calendar: jalali, locale: "fa-IR-u-ca-persian", firstWeekday: 6, brief: "narrow" },
  gregorian: { calendar: gregorian, locale: "en-GB", firstWeekday: 1, brief: "short" },
};
const WEEK = [0, 1, 2, 3, 4, 5, 6];

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// The names of days and months are the browser's; their order is ours.
function speak({ calendar, locale, brief }) {
  const say = (style) => {
    const format = new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" });
    return (count) => format.format(asDate(count));
  };
  const month = say({ month: "long" }), weekday = say({ weekday: "long" });
  const number = new Intl.NumberFormat(locale, { useGrouping: false });
  const title = (count) => `${month(count)} ${number.format(calendar.fromDay(count)[0])}`;
  const day = (count) => number.format(calendar.fromDay(count)[2]);
  const whole = (count) => `${weekday(count)} ${day(count)} ${title(count)}`;
  return { weekday, brief: say({ weekday: brief }), title, day, whole };
}

export class Month {
  // `within` brings a day between the limits; `choose` is told the day that was chosen.
  constructor({ kind, today, chosen, within, choose }) {
    Object.assign(this, { kind, calendar: kind.calendar, told: speak(kind), today, chosen, within, choose });
    this.at = within(chosen ?? today);
    this.title = make("h2", { id: "cal-title", class: "fs-6 mb-0", "aria-live": "polite" });
    this.body = make("tbody");
    this.body.addEventListener("keydown", (event) => this.press(event));
    this.body.addEventListener("click", (event) => this.pick(event.target.closest("[data-day]")));
    this.grid = make("table", { role: "grid", "aria-labelledby": "cal-title" }, make("thead", {}, this.drawHead()), this.body);
    this.draw();
  }

  // Which day of the week it is, from 0, the first one being the calendar's.
  place(count) {
    return (((count + 4 - this.kind.firstWeekday) % 7) + 7) % 7;
  }

  drawHead() {
    const first = this.at - this.place(this.at);
    const names = WEEK.map((by) => make("th", { scope: "col", abbr: this.told.weekday(first + by) }, this.told.brief(first + by)));
    return make("tr", {}, ...names);
  }

  drawDay(count) {
    return make("td", {
      role: "gridcell", "data-day": count, tabindex: count === this.at ? 0 : -1, "aria-label": this.told.whole(count),
      "aria-selected": count === this.chosen, "aria-current": count === this.today ? "date" : null,
      "aria-disabled": this.within(count) === count ? null : "true",
    }, this.told.day(count));
  }

  draw() {
    const [year, month] = this.calendar.fromDay(this.at), first = this.calendar.toDay(year, month, 1);
    const next = shiftMonths(this.calendar, first, 1);
    const cell = (count) => (count < first || count >= next ? make("td") : this.drawDay(count));
    this.title.textContent = this.told.title(this.at);
    this.body.replaceChildren();
    for (let week = first - this.place(first); week < next; week += 7) {
      this.body.append(make("tr", {}, ...WEEK.map((by) => cell(week + by))));
    }
  }

  go(count) {
    this.at = this.within(count);
    this.draw();
  }

  turn(months) {
    this.go(shiftMonths(this.calendar, this.at, months));
  }

  focus() {
    this.body.querySelector("[tabindex='0']").focus();
  }

  // Left and right follow the direction of the page.
  target({ key, shiftKey }) {
    const ahead = document.documentElement.dir === "rtl" ? -1 : 1, months = shiftKey ? 12 : 1;
    const steps = { ArrowRight: ahead, ArrowLeft: -ahead, ArrowDown: 7, ArrowUp: -7, Home: -this.place(this.at), End: 6 - this.place(this.at) };
    const turns = { PageUp: -months, PageDown: months };
    if (key in steps) return this.at + steps[key];
    return key in turns ? shiftMonths(this.calendar, this.at, turns[key]) : null;
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const chooses = event.key === "Enter" || event.key === " ", target = this.target(event);
    if (!chooses && target === null) return;
    event.preventDefault();
    if (chooses) return this.pick(event.target.closest("[data-day]"));
    this.go(target);
    this.focus();
  }

  pick(cell) {
    if (cell && !cell.hasAttribute("aria-disabled")) this.choose(Number(cell.dataset.day));
  }
}
