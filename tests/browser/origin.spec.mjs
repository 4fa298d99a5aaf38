// The page of one origin: from the list to the remedy, every origin of the demo, what is copied,
// the drawings.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { DEMO, assertAccessible, assertFits, assertWhole, openBrowser, openTab, shoot } from "./stage.mjs";

let stage;
before(async () => { stage = await openBrowser(); });
after(async () => { await stage.close(); });

test("the classic case is one click from the list, its remedy visible at once", async () => {
  const tab = await openTab(stage.browser);
  await tab.page.goto(`${DEMO}/`);
  await tab.page.locator('a[href^="/origins/load-balancers-own-name"]').first().click();
  await tab.page.waitForURL(/\/origins\/load-balancers-own-name/);
  const remedy = tab.page.locator(".remedy").first();
  await remedy.waitFor();
  assert.match(await remedy.innerText(), /Set Origin Domain to a custom domain name that points to the load balancer/);
  const { y, height } = await remedy.boundingBox();
  assert.ok(y + height < 900, "the remedy needs no scrolling");
  assert.match(await tab.page.locator(".story").innerText(), /viewers get 502/);
  await shoot(tab.page, "origin-classic");
  tab.assertClean();
  await tab.close();
});

test("every origin of the demo has a page without a fault", async () => {
  const tab = await openTab(stage.browser);
  const answer = await fetch(`${DEMO}/api/v1/origins`);
  const { origins } = await answer.json();
  assert.ok(origins.length >= 20);
  for (const { origin, endpoints, violations } of origins) {
    await tab.page.goto(`${DEMO}/origins/${encodeURIComponent(origin)}`);
    const text = await tab.page.locator("main").innerText();
    for (const { rule } of violations) assert.ok(text.includes(rule), `${origin}: ${rule}`);
    const drawings = endpoints.some((each) => each.served_chain.length > 0);
    assert.equal(await tab.page.locator("figure.chain svg").count() > 0, drawings, origin);
    await assertAccessible(tab.page);
    await assertFits(tab.page);
    tab.assertClean();
  }
  await tab.close();
});

for (const scheme of ["light", "dark"]) {
  for (const [width, height] of [[1280, 900], [360, 740]]) {
    test(`a page is readable: ${scheme}, ${width} pixels wide`, async () => {
      const tab = await openTab(stage.browser, { colorScheme: scheme, viewport: { width, height } });
      for (const id of ["wrong-order", "missing-intermediate", "one-of-three-expired"]) {
        await tab.page.goto(`${DEMO}/origins/${id}`);
        await shoot(tab.page, `origin-${id}-${scheme}-${width}`, { fullPage: true });
        await assertFits(tab.page);
        await assertAccessible(tab.page);
        // The smallest letters of a drawing, as they are shown.
        const smallest = await tab.page.$$eval("figure svg text", (texts) => Math.min(...texts.map((text) => {
          const scale = text.getScreenCTM().a;
          return parseFloat(getComputedStyle(text).fontSize) * scale;
        })));
        assert.ok(smallest >= 9.5, `${id}: ${smallest} pixels`);
      }
      tab.assertClean();
      await tab.close();
    });
  }
}

for (const width of [1280, 390]) {
  for (const font of ["serif", "monospace"]) {
    test(`drawings hold their text: ${font}, ${width} pixels wide`, async () => {
      const tab = await openTab(stage.browser, { viewport: { width, height: 900 } });
      for (const id of ["load-balancers-own-name", "wrong-order", "one-of-three-expired", "expired-and-self-signed", "untrusted-root", "missing-intermediate", "not-yet-valid"]) {
        await tab.page.goto(`${DEMO}/origins/${id}`);
        await tab.page.evaluate((family) => document.documentElement.style.setProperty("--text", family), font);
        const offences = await tab.page.evaluate(() => {
          const rects = (node) => {
            const range = document.createRange();
            range.selectNodeContents(node);
            return [...range.getClientRects()].filter((each) => each.width > 0);
          };
          const meets = (one, other) => one.left < other.right && other.left < one.right
            && one.top < other.bottom && other.top < one.bottom;
          const found = [];
          for (const box of document.querySelectorAll("figure.chain .node")) {
            const frame = box.getBoundingClientRect();
            const isInside = (each) => each.left >= frame.left && each.right <= frame.right
              && each.top >= frame.top && each.bottom <= frame.bottom;
            if (!rects(box).every(isInside)) found.push(`outside its box: ${box.textContent}`);
          }
          for (const figure of document.querySelectorAll("figure")) {
            const labels = [...figure.querySelectorAll(".node, .link, .badge, .subject, .dates, li, figcaption, text")];
            const lines = [...figure.querySelectorAll("svg path.connector, svg line")];
            for (const line of lines) {
              const own = line.getBoundingClientRect();
              const crossed = labels.filter((label) => rects(label).some((each) => meets(own, each)));
              for (const label of crossed) found.push(`a line through: ${label.textContent}`);
            }
            const frame = figure.getBoundingClientRect();
            for (const label of labels) {
              const isWide = rects(label).some((each) => each.left < frame.left - 1 || each.right > frame.right + 1);
              if (isWide) found.push(`outside the drawing: ${label.textContent}`);
            }
          }
          return found;
        });
        assert.deepEqual(offences, [], id);
      }
      await tab.close();
    });
  }
}

test("the served chain and the commands are copied with one click", async () => {
  const tab = await openTab(stage.browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await tab.page.goto(`${DEMO}/origins/healthy`);
  await tab.page.locator("button[data-copy=check-0]").click();
  const line = await tab.page.evaluate(() => navigator.clipboard.readText());
  assert.match(line, /^origin-probe check healthy\.shop\.example:\d+ /);
  await tab.page.locator("details.pem summary").click();
  await tab.page.locator("button[data-copy=pem-0]").click();
  const pem = await tab.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(pem.match(/BEGIN CERTIFICATE/g).length, 2);
  const download = await fetch(`${DEMO}/origins/healthy/chain.pem`);
  assert.equal(await download.text(), pem);
  tab.assertClean();
  await tab.close();
});

test("everything is there without a script, too", async () => {
  const tab = await openTab(stage.browser, { javaScriptEnabled: false });
  await tab.page.goto(`${DEMO}/origins/missing-intermediate`);
  await tab.page.locator("details.pem summary").click();
  assert.match(await tab.page.locator("#pem-0").innerText(), /BEGIN CERTIFICATE/);
  assert.equal(await tab.page.locator("button:visible:not([type=submit])").count(), 0, "no button that does nothing");
  assert.equal(await tab.page.locator("figure").count(), 2);
  await tab.close();
});

test("the keyboard reaches every link and every fold", async () => {
  const tab = await openTab(stage.browser);
  await tab.page.goto(`${DEMO}/origins/wrong-order`);
  const reached = new Set();
  for (let step = 0; step < 60; step++) {
    await tab.page.keyboard.press("Tab");
    reached.add(await tab.page.evaluate(() => document.activeElement.tagName + (document.activeElement.getAttribute("href") ?? "")));
  }
  for (const wanted of ["SUMMARY", "A/rules/chain-out-of-order", "BUTTON"]) {
    assert.ok([...reached].some((each) => each.startsWith(wanted)), `${wanted}: ${[...reached]}`);
  }
  await tab.close();
});

test("an unknown origin and an unknown rule are told with what was meant", async () => {
  const tab = await openTab(stage.browser);
  for (const [path, meant] of [["/origins/helthy", "healthy"], ["/rules/not-tsl", "not-tls"]]) {
    await tab.page.goto(`${DEMO}${path}`);
    assert.ok(await tab.page.getByRole("link", { name: meant, exact: true }).first().isVisible());
    await assertAccessible(tab.page);
  }
  await tab.close();
});

for (const width of [1280, 390]) {
  test(`the table of rules is whole: ${width} pixels wide`, async () => {
    const tab = await openTab(stage.browser, { viewport: { width, height: 900 } });
    await tab.page.goto(`${DEMO}/rules`);
    await assertFits(tab.page);
    await assertWhole(tab.page, "table, .wide, td, th, td *, th *");
    await tab.close();
  });
}

test("every rule's page is without a fault", async () => {
  const tab = await openTab(stage.browser);
  await tab.page.goto(`${DEMO}/rules`);
  await assertAccessible(tab.page);
  const links = await tab.page.$$eval('tbody a[href^="/rules/"]', (all) => all.map((each) => each.getAttribute("href")));
  assert.ok(links.length >= 44);
  for (const link of links) {
    await tab.page.goto(`${DEMO}${link}`);
    await assertAccessible(tab.page);
    await assertFits(tab.page);
  }
  tab.assertClean();
  await tab.close();
});
