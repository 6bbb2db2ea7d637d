// Builds the page into the Python package: one script, one style sheet. The first line of each says from which sources,
// so that a test can tell without node whether they are the ones that lie here.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "..", "src", "pippin", "studio", "static");

function files(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? files(path) : [path];
    });
}

const hash = createHash("sha256");
for (const path of [...files(join(here, "src")), join(here, "package-lock.json"), join(here, "build.mjs")]) {
  hash.update(readFileSync(path));
}

await build({
  entryPoints: { page: join(here, "src", "main.tsx") },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  banner: { js: `/* sources ${hash.digest("hex")} */` },
  logLevel: "warning",
});
