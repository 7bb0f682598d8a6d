import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./build/service-worker.ts";
import { themeVariables } from "./build/theme-variables.ts";

export default defineConfig({
  base: "/app/",
  plugins: [react(), themeVariables(), serviceWorker()],
  build: {
    target: "es2022",
    // Inlined images and scripts would need a looser content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "^/(?!app/)": process.env.AUSCULT_API ?? "http://127.0.0.1:8000" } },
  test: { environment: "node", include: ["src/**/*.test.ts", "build/**/*.test.ts"] },
});
