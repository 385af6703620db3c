import { defineConfig } from '@playwright/test';

/** `./test e2e` brings up what these need and says in the environment where it is. */
export default defineConfig({
  testDir: 'e2e',
  // Pictures are made on wish only: see e2e/pictures.spec.ts.
  testIgnore: process.env.MCP_CLOUD_PICTURES ? [] : ['**/pictures.spec.ts'],
  outputDir: 'test-results',
  // One portal, one cluster: a second worker would measure the first one's load.
  workers: 1,
  // As in the other suites: what fails runs once more, and is named if it passes then.
  retries: 1,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json']],
  use: {
    baseURL: process.env.PORTAL ?? 'http://localhost:7007',
    actionTimeout: 20_000,
    viewport: { width: 1400, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      // Debian's Chromium: Playwright's own is a download of hundreds of megabytes.
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
