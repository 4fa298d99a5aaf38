// Thousands of origins, and names made to harm whoever shows them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { HOSTILE, startFleet } from "./fleet.mjs";
import { assertAccessible, assertFits, openBrowser, openTab, shoot } from "./stage.mjs";

const ORIGINS = 3000;

let stage;
let fleet;
before(async () => {
  stage = await openBrowser();
  fleet = await startFleet(ORIGINS);
});
after(async () => {
  await stage?.close();
  await fleet?.stop();
});

async function play(settings, path, play) {
  const tab = await openTab(stage.browser, settings, fleet.address);
  try {
    const dialogs = [];
    tab.page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      dialog.dismiss();
    });
    await tab.page.goto(`${fleet.address}${path}`);
    await play(tab.page, tab);
    assert.deepEqual(dialogs, [], "nothing that a name says is done");
    tab.assertClean();
  } finally {
    await tab.close();
  }
}

for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 360]]) {
  test(`thousands are readable: ${scheme}, ${width} pixels wide`, () =>
    play({ colorScheme: scheme, viewport: { width, height: 900 } }, "/", async (page) => {
      await shoot(page, `fleet-${scheme}-${width}`);
      // Until others have been reached, some are undecided.
      assert.match(await page.locator("h1").textContent(), /^(All|2,9\d\d of) 3,000 origins fail$/);
      assert.equal(await page.locator("tbody .who").count(), 100);
      await assertFits(page);
      await assertAccessible(page);
    }));
}

test("the last page is reached and one of thousands is found", () =>
  play({}, "/?sort=origin", async (page) => {
    await page.locator(".pages").getByRole("link", { name: "30", exact: true }).click();
    await page.waitForFunction(() => document.querySelector(".pages [aria-current]").textContent === "30");
    await page.fill("#search", "shop-01234");
    await page.waitForFunction(() => document.querySelectorAll("tbody .who a").length === 1);
    assert.equal(await page.locator("tbody .who a").textContent(), "shop-01234");
    assert.match(page.url(), /search=shop-01234/);
    assert.doesNotMatch(page.url(), /page=/);
  }));

for (const width of [1280, 360]) {
  test(`hostile names are text, ${width} pixels wide`, () =>
    play({ viewport: { width, height: 900 } }, "/?search=hostile.example", async (page) => {
      await shoot(page, `hostile-${width}`);
      const id = await page.locator("tbody .who a").textContent();
      assert.equal(id, HOSTILE.id.replace("\u202E", "\\u{202e}"));
      const why = await page.locator("td.why").textContent();
      assert.match(why, /<svg onload=alert\(1\)>\.example/);
      assert.ok(why.length < 1500, `${why.length} characters`);
      const text = await page.locator("main").textContent();
      assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069]/);
      assert.equal(await page.locator("main img, main svg, main b").count(), 0);
      await assertFits(page);
      await assertAccessible(page);
    }));
}
