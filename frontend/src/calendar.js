// Two calendars over one count of days: day 0 is 1 January 1970. Months and days start at 1.
const DAY = 86400000;
// 1 Farvardin of the year 1, counted so; the year has 8 leap years in 33, as in Iran 1343 to 1471.
const FIRST_JALALI = -492268;
const FIRST_GREGORIAN_YEAR = 1700;

const yearStart = (year) => FIRST_JALALI + 365 * (year - 1) + Math.floor((8 * year + 21) / 33);
const monthStart = (month) => (month <= 7 ? 31 * (month - 1) : 30 * (month - 1) + 6);

export const jalali = {
  toDay: (year, month, day) => yearStart(year) + monthStart(month) + day - 1,
  fromDay(count) {
    let year = Math.floor((count - FIRST_JALALI) / 365.2425) + 1;
    while (yearStart(year + 1) <= count) year += 1;
    while (yearStart(year) > count) year -= 1;
    const rest = count - yearStart(year);
    const month = 1 + (rest < 186 ? Math.floor(rest / 31) : Math.floor((rest - 6) / 30));
    return [year, month, rest - monthStart(month) + 1];
  },
};

export const gregorian = {
  toDay: (year, month, day) => Date.UTC(year, month - 1, day) / DAY,
  fromDay(count) {
    const date = new Date(count * DAY);
    return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  },
};

export const asDate = (count) => new Date(count * DAY);

// The same day of the month so many months later, or the last one of a shorter month.
export function shiftMonths(calendar, count, by) {
  const [year, month, day] = calendar.fromDay(count);
  const first = (months) => calendar.toDay(Math.floor(months / 12), (months % 12) + 1, 1);
  const months = year * 12 + month - 1 + by;
  return Math.min(first(months) + day - 1, first(months + 1) - 1);
}

export const toLatin = (text) => text.replace(/[۰-۹٠-٩]/g, (sign) => String(sign.charCodeAt(0) & 15));

// The day that a text names in either calendar, as the server reads it; null when none.
export function readDay(text) {
  const found = /^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})$/.exec(toLatin(text || "").trim());
  if (!found) return null;
  const named = found.slice(1).map(Number);
  const calendar = named[0] < FIRST_GREGORIAN_YEAR ? jalali : gregorian;
  const count = calendar.toDay(...named);
  return calendar.fromDay(count).every((part, at) => part === named[at]) ? count : null;
}

// A day as it is typed: ۱۴۰۵/۰۸/۳۰ or 2026-11-21.
export function writeDay(calendar, count) {
  const parts = calendar.fromDay(count).map((part) => String(part).padStart(2, "0"));
  if (calendar === gregorian) return parts.join("-");
  return parts.join("/").replace(/\d/g, (sign) => "۰۱۲۳۴۵۶۷۸۹"[sign]);
}
