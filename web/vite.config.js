// Builds hashed files and a manifest for the templates into the package. Nothing is inlined: the pages are served under a
// content security policy that allows this origin only.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const OUT = "../src/kizuna/web/static";

// Lays the packed forms of each text beside it, so that serving them costs nothing. What is small travels in one packet anyway.
function packed() {
  return {
    name: "packed",
    closeBundle() {
      for (const name of readdirSync(OUT, { recursive: true })) {
        if (!/\.(css|js|svg)$/.test(name)) continue;
        const text = readFileSync(join(OUT, name));
        if (text.length < 1400) continue;
        writeFileSync(join(OUT, `${name}.br`), brotliCompressSync(text));
        writeFileSync(join(OUT, `${name}.gz`), gzipSync(text, { level: 9 }));
      }
    },
  };
}

// What ECharts brings along and our charts never use: old option names, Chinese words, its own themes, HTML tooltips, textures.
const UNUSED = /(langZH|preprocessor\/backwardCompat|TooltipHTMLContent|theme\/(dark|light)|data\/helper\/transform|visual\/(aria|decal))(\.js)?$/;
const NONE = "\0none";

function lean() {
  return {
    name: "lean",
    enforce: "pre",
    resolveId: (name, from) => (from?.includes("echarts") && UNUSED.test(name) ? NONE : undefined),
    load: (name) =>
      name === NONE
        ? "const none = () => {}; export default none; export { none as registerExternalTransform, none as applyDataTransform };"
        : undefined,
  };
}

// What we pass on carries its licences: they stand at the head of the file that holds the charts' library.
function noticed() {
  return {
    name: "noticed",
    generateBundle(_, bundle) {
      const texts = ["echarts/NOTICE", "zrender/LICENSE"].map((name) => readFileSync(join("node_modules", name), "utf8").trim());
      for (const chunk of Object.values(bundle)) {
        if (chunk.name === "drawn") chunk.code = `/*!\n${texts.join("\n\n").replaceAll("*/", "* /")}\n*/\n${chunk.code}`;
      }
    },
  };
}

export default defineConfig({
  base: "/static/",
  plugins: [tailwindcss(), lean(), noticed(), packed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        console: "src/console.css",
        member: "src/member.css",
        landing: "src/landing.css",
        backtest: "src/backtest.css",
        search: "src/console.js",
        start: "src/start.js",
        charts: "src/charts.js",
        live: "src/console/live.js",
      },
    },
  },
});
