// Shows a diagram with the path taken and the live tokens; the viewer is in diagram-viewer.min.js.
const box = document.querySelector("[data-diagram]");
const READABLE = 0.9, MARGIN = 24;
const LOOK = {
  bpmnRenderer: {
    defaultFillColor: "var(--surface)",
    defaultStrokeColor: "var(--ink-2)",
    defaultLabelColor: "var(--ink)",
  },
  textRenderer: {
    defaultStyle: { fontFamily: "Vazirmatn, sans-serif", fontSize: 12 },
    externalStyle: { fontSize: 11 },
  },
};
const list = (name) => JSON.parse(box.dataset[name] || "[]");

function mark(viewer, ids, name) {
  const canvas = viewer.get("canvas"), registry = viewer.get("elementRegistry");
  for (const id of ids) if (registry.get(id)) canvas.addMarker(id, name);
}

// Overlays are measured from the left of a shape, in every language.
function place(viewer, id, name, text) {
  const shape = viewer.get("elementRegistry").get(id);
  if (!shape || shape.waypoints) return;
  const badge = document.createElement("div");
  badge.className = name;
  badge.textContent = text;
  viewer.get("overlays").add(id, { position: { top: -12, left: shape.width / 2 - 10 }, html: badge });
}

function countTokens(ids) {
  const counts = new Map();
  for (const id of ids) counts.set(id, (counts.get(id) || 0) + 1);
  return counts;
}

function wireZoom(viewer) {
  const canvas = viewer.get("canvas");
  const acts = {
    in: () => canvas.zoom(canvas.zoom() * 1.25),
    out: () => canvas.zoom(canvas.zoom() / 1.25),
    fit: () => canvas.zoom("fit-viewport", "auto"),
  };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", acts[button.dataset.zoom]);
  }
}

// A wide diagram is unreadable when all of it fits, so it opens where the work stands, but on the
// page that promises the whole of it.
function settle(viewer) {
  const canvas = viewer.get("canvas"), registry = viewer.get("elementRegistry");
  const first = list("here").map((id) => registry.get(id)).find((shape) => shape && !shape.waypoints);
  if (canvas.zoom("fit-viewport", "auto") >= READABLE || "whole" in box.dataset) return;
  const start = first || registry.filter((one) => one.type === "bpmn:StartEvent")[0];
  if (!start) return;
  const outer = canvas.getSize(), inner = canvas.viewbox().inner;
  const width = outer.width / READABLE, height = outer.height / READABLE;
  const within = (wanted, from, length, shown) =>
    Math.max(from - MARGIN, Math.min(wanted, from + length + MARGIN - shown));
  canvas.viewbox({
    x: within(start.x + start.width / 2 - width / 2, inner.x, inner.width, width),
    y: within(start.y + start.height / 2 - height / 2, inner.y, inner.height, height),
    width, height,
  });
}

async function show() {
  const answer = await fetch(box.dataset.diagram);
  if (!answer.ok) throw new Error(`${answer.status} ${box.dataset.diagram}`);
  // Texts are measured while drawing, so their font has to be there first.
  await document.fonts.load("12px Vazirmatn").catch(() => {});
  const viewer = new window.BpmnNavigatedViewer({ container: box, ...LOOK });
  await viewer.importXML(await answer.text());
  mark(viewer, list("done"), "is-done");
  mark(viewer, list("flows"), "is-taken");
  mark(viewer, list("here"), "is-here");
  mark(viewer, list("faults"), "is-fault");
  for (const [id, tokens] of countTokens(list("here"))) {
    place(viewer, id, "bpmn-token", tokens > 1 ? String(tokens) : "");
  }
  settle(viewer);
  wireZoom(viewer);
  box.setAttribute("data-ready", "");
}

if (box) show().catch(() => box.setAttribute("data-failed", ""));
