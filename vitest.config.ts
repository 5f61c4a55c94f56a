import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@pagurus/source"] },
  ssr: { resolve: { conditions: ["@pagurus/source"] } },
  test: { include: ["{src,plugins,scripts,bench}/**/*.test.ts"], testTimeout: 30_000 },
});
