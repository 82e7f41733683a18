// The inbox: a current row with its preview, selected rows, and a list that stays fresh.
import { $, $$ } from "./page.js";

const EVERY = 15000;
const language = document.documentElement.lang;
const number = new Intl.NumberFormat(language === "fa" ? "fa-IR" : "en");

export function startInbox() {
  const list = $("[data-poll]");
  if (!list) return null;
  const bar = $(".selbar"), pane = $(".preview");
  const rows = () => $$(".item", list);
  const boxes = () => $$(".item .form-check-input", list);
  const current = () => $(".item.is-current", list);
  let etag = list.dataset.etag || "", wanted = null;

  function count() {
    if (!bar) return;
    const chosen = boxes().filter((box) => box.checked).length;
    bar.hidden = chosen === 0;
    $("[data-n]", bar).textContent = number.format(chosen);
  }

  function show(row, focus) {
    for (const other of rows()) other.classList.toggle("is-current", other === row);
    row.scrollIntoView({ block: "nearest" });
    if (focus) $(".item-t", row).focus({ preventScroll: true });
    if (pane && pane.offsetParent && row.dataset.preview) preview(row);
  }

  // Rows passed over quickly are not fetched; only the row where the person stays.
  function preview(row) {
    clearTimeout(wanted);
    wanted = setTimeout(() => window.htmx.ajax("GET", row.dataset.preview, { target: pane, swap: "innerHTML" }), 90);
  }

  function move(by) {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(current());
    show(all[Math.max(0, Math.min(all.length - 1, at + by))], true);
    return true;
  }

  function mark() {
    const box = current() && $(".form-check-input", current());
    if (!box) return false;
    box.checked = !box.checked;
    count();
    return true;
  }

  function clear() {
    if (!bar || bar.hidden) return false;
    for (const box of boxes()) box.checked = false;
    count();
    return true;
  }

  // What the person selected, and where they stand, survives a fresh list.
  function replace(html) {
    const chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
    const at = current()?.dataset.id, focused = list.contains(document.activeElement);
    list.innerHTML = html;
    for (const box of boxes()) box.checked = chosen.has(box.value);
    const row = rows().find((one) => one.dataset.id === at);
    if (row) {
      row.classList.add("is-current");
      if (focused) $(".item-t", row).focus({ preventScroll: true });
    }
    count();
  }

  function refreshCounts(header) {
    const counts = header ? JSON.parse(header) : {};
    for (const [view, value] of Object.entries(counts)) {
      const mark = $(`[data-count="${view}"]`);
      if (mark) mark.textContent = number.format(value);
    }
  }

  async function poll() {
    if (document.hidden) return;
    const headers = { "X-Fragment": "list", ...(etag && { "If-None-Match": etag }) };
    const answer = await fetch(list.dataset.poll, { headers, cache: "no-store" }).catch(() => null);
    if (!answer || answer.redirected || answer.status !== 200) return;
    etag = answer.headers.get("ETag") || "";
    refreshCounts(answer.headers.get("X-Counts"));
    replace(await answer.text());
  }

  list.addEventListener("change", count);
  $("[data-clear]", bar || document)?.addEventListener("click", clear);
  // On the row's title a click opens the task; beside it, it shows the preview.
  list.addEventListener("click", (event) => {
    const link = event.target.closest(".item-t");
    if (!link || !pane || !pane.offsetParent || event.ctrlKey || event.metaKey || event.detail === 0) return;
    const box = link.getBoundingClientRect();
    const words = document.createRange();
    words.selectNodeContents(link);
    const text = words.getBoundingClientRect();
    const within = event.clientX >= text.left && event.clientX <= text.right && event.clientY <= box.bottom;
    if (within) return;
    event.preventDefault();
    show(link.closest(".item"), false);
  });
  count();
  setInterval(poll, EVERY);
  document.addEventListener("visibilitychange", poll);
  return { move, mark, clear };
}
