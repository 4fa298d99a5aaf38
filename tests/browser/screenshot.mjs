// Takes the pictures of the README from the demo's daemon: `.ci/check-pages BINARY tests/browser/screenshot.mjs`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { DEMO, openBrowser, openTab } from "./stage.mjs";

const folder = process.env.ORIGIN_PROBE_PICTURES ?? "deploy/screenshots";
mkdirSync(folder, { recursive: true });
const { browser, close } = await openBrowser();

// The pages in the order in which somebody goes through them.
const pictures = [
  {
    name: "status",
    path: "/?rule=name-not-in-certificate&rule=intermediate-missing&rule=connection-refused&rule=renewal-overdue",
    width: 1280,
    height: 960,
  },
  { name: "origin", path: "/origins/missing-intermediate", width: 960, height: 1376 },
];
for (const { name, path, width, height } of pictures) {
  const { page, close: closeTab } = await openTab(browser, { viewport: { width, height }, colorScheme: "light" });
  await page.goto(`${DEMO}${path}`);
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, "base64"));
  await closeTab();
}
await close();
