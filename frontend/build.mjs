// Writes app/static/dist/: every library the pages load, from the pinned packages of the lock file.
// The same input gives the same bytes, so a check may rebuild and compare.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const from = (path) => join(here, "node_modules", path);
const dist = join(here, "..", "app", "static", "dist");
const viewer = "camunda-bpmn-js/dist";

const copied = {
  "Vazirmatn-wght.woff2": "vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2",
};
const scripts = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "diagram-viewer.min.js": `${viewer}/camunda-cloud-navigated-viewer.production.min.js`,
};
// Our own modules of src/, each bundled into one file.
const modules = ["desk.js", "diagram.js", "forms.js"];
const styles = {
  "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
  "bootstrap.rtl.min.css": "bootstrap/dist/css/bootstrap.rtl.min.css",
  "diagram-viewer.min.css": `${viewer}/assets/camunda-cloud-navigated-viewer.css`,
};
const licences = {
  "bootstrap 5.3.9": "bootstrap/LICENSE",
  "vazirmatn 33.0.3": "vazirmatn/OFL.txt",
  "htmx 4.0.1": "htmx.org/LICENSE",
  "camunda-bpmn-js 5.30.2": "camunda-bpmn-js/LICENSE",
  "bpmn-js (inside camunda-bpmn-js)": "bpmn-js/LICENSE",
  "diagram-js (inside camunda-bpmn-js)": "diagram-js/LICENSE",
};

// Source map references are dropped: the maps are not shipped, and a browser would ask for them.
const unmapped = (text) => text.replace(/\n?(\/\/|\/\*)# sourceMappingURL=[^\n]*\n?/g, "\n");

async function copyScripts() {
  for (const [name, path] of Object.entries(scripts)) {
    await writeFile(join(dist, name), unmapped(await readFile(from(path), "utf8")));
  }
}

async function bundleModules() {
  await build({
    entryPoints: modules.map((name) => join(here, "src", name)), outdir: dist,
    bundle: true, minify: true, format: "iife", target: "es2022", logLevel: "warning",
  });
}

async function bundleStyles() {
  for (const [name, path] of Object.entries(styles)) {
    await build({
      entryPoints: [from(path)], outfile: join(dist, name),
      bundle: true, minify: true, legalComments: "inline", logLevel: "warning",
      loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "dataurl" },
    });
  }
}

async function collectLicences() {
  const parts = [];
  for (const [name, path] of Object.entries(licences)) {
    parts.push(`=== ${name} ===\n\n${(await readFile(from(path), "utf8")).trim()}\n`);
  }
  await writeFile(join(dist, "LICENCES.txt"), parts.join("\n"));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
for (const [name, path] of Object.entries(copied)) await cp(from(path), join(dist, name));
await copyScripts();
await bundleModules();
await bundleStyles();
await collectLicences();
// Tests look for faults of accessibility with it; it is not shipped.
const axe = await readFile(from("axe-core/axe.min.js"), "utf8");
await writeFile(join(here, "..", "tests", "support", "axe.min.js"), `${axe.trim()}\n`);
