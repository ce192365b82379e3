// Builds hashed files and a manifest for the templates into the package. Nothing is inlined: the pages are served under a
// content security policy that allows this origin only.
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/",
  plugins: [tailwindcss()],
  build: {
    outDir: "../src/kizuna/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        console: "src/console.css",
        member: "src/member.css",
        search: "src/console.js",
      },
    },
  },
});
