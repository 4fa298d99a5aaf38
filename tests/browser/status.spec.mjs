// The status page, as somebody with a 502 open uses it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { DEMO, assertAccessible, assertFits, openBrowser, openTab, shoot } from "./stage.mjs";

let stage;
before(async () => { stage = await openBrowser(); });
after(async () => { await stage.close(); });

for (const scheme of ["light", "dark"]) {
  for (const [width, height] of [[1280, 900], [360, 740]]) {
    test(`the list is readable: ${scheme}, ${width} pixels wide`, async () => {
      const tab = await openTab(stage.browser, { colorScheme: scheme, viewport: { width, height } });
      await tab.page.goto(`${DEMO}/`);
      await shoot(tab.page, `status-${scheme}-${width}`);
      await assertFits(tab.page);
      await assertAccessible(tab.page);
      tab.assertClean();
      await tab.close();
    });
  }
}
