// The status page, as somebody with a 502 open uses it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { DEMO, assertAccessible, assertFits, assertWhole, openBrowser, openTab, shoot } from "./stage.mjs";

let stage;
before(async () => { stage = await openBrowser(); });
after(async () => { await stage?.close(); });

/** The ids of the origins shown, in order. */
const shown = (page) => page.locator("tbody .who a").allTextContents();
const verdicts = (page) => page.locator(".origins .verdict").allTextContents();

/** Runs `play` on a fresh tab, in which nothing may go wrong. */
async function play(settings, play) {
  const tab = await openTab(stage.browser, settings);
  try {
    await tab.page.goto(`${DEMO}/`);
    await play(tab.page, tab);
    tab.assertClean();
  } finally {
    await tab.close();
  }
}

for (const scheme of ["light", "dark"]) {
  for (const [width, height] of [[1280, 900], [768, 1024], [320, 640]]) {
    test(`the list is readable: ${scheme}, ${width} pixels wide`, () =>
      play({ colorScheme: scheme, viewport: { width, height } }, async (page) => {
        await shoot(page, `status-${scheme}-${width}`);
        await assertFits(page);
        await assertAccessible(page);
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const [red] = ground.match(/\d+/g).map(Number);
        assert.equal(red < 128, scheme === "dark", ground);
      }));
  }
}

for (const width of [1280, 390]) {
  test(`fields, hints and rows are whole: ${width} pixels wide`, () =>
    play({ viewport: { width, height: 900 } }, async (page) => {
      await assertFits(page);
      await assertWhole(page, "select, .hint, .cause, .origins td, .origins tbody th, .verdict");
    }));
}

test("the tabs add up to all origins", () =>
  play({}, async (page) => {
    const counts = (await page.locator(".tabs .count").allTextContents()).map(Number);
    assert.equal(counts[0], counts.slice(1).reduce((sum, each) => sum + each, 0));
  }));

test("the first sentence says how many fail, and the tab, too", () =>
  play({}, async (page) => {
    const [, failing, all] = /^(\d+) of (\d+) origins fail$/.exec(await page.locator("h1").textContent());
    assert.equal(await page.title(), `${failing} failing · origin-probe`);
    const api = await (await fetch(`${DEMO}/api/v1/origins?verdict=fails`)).json();
    assert.equal(api.total, Number(failing));
    assert.equal((await shown(page)).length, Number(all));
  }));

test("the classic case stands there with its cause, and is one click away", () =>
  play({}, async (page, tab) => {
    const row = page.locator("tr", { has: page.getByRole("link", { name: "load-balancers-own-name" }) });
    assert.match(await row.textContent(), /fails 502.*name-not-in-certificate.*the certificate covers www\.shop\.example/s);
    assert.match(await row.locator(".hint").textContent(), /Origin Domain.*own name/s);
    const link = await row.getByRole("link", { name: "load-balancers-own-name" }).getAttribute("href");
    assert.match(link, /^\/origins\/load-balancers-own-name\?/);
    tab.assertClean();
  }));

test("a verdict is chosen in place, and the way back leads back", () =>
  play({}, async (page) => {
    await page.evaluate(() => { globalThis.isSamePage = true; });
    const all = await shown(page);
    await page.getByRole("link", { name: /undecided$/ }).click();
    await page.waitForURL(/verdict=undecided/);
    await page.waitForFunction(() => document.querySelectorAll(".verdict.fails").length === 0);
    assert.deepEqual(await shown(page), ["one-of-three-refused"]);
    await page.goBack();
    await page.waitForFunction((count) => document.querySelectorAll("tbody .who a").length === count, all.length);
    assert.deepEqual(new URL(page.url()).search, "");
    assert.ok(await page.evaluate(() => globalThis.isSamePage), "the page was not loaded anew");
  }));

test("what is typed filters while it is typed, and the address can be sent to others", () =>
  play({}, async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("TLS-1-1");
    await page.waitForURL(/search=TLS-1-1/);
    await page.waitForFunction(() => document.querySelectorAll("tbody .who a").length === 1);
    assert.deepEqual(await shown(page), ["tls-1-1-only"]);
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    const address = page.url();
    await page.goto(address);
    assert.deepEqual(await shown(page), ["tls-1-1-only"]);
    assert.equal(await page.inputValue("#search"), "TLS-1-1");
  }));

test("a rule and an order are chosen from lists", () =>
  play({}, async (page) => {
    await page.selectOption("#rule", "certificate-expired");
    await page.waitForURL(/rule=certificate-expired/);
    await page.waitForFunction(() => document.querySelectorAll("tbody .who a").length === 3);
    await page.selectOption("#sort", "origin");
    await page.waitForURL(/sort=origin/);
    await page.waitForFunction(() => document.querySelector("tbody .who a").textContent === "expired");
    assert.deepEqual(await shown(page), ["expired", "expired-and-self-signed", "one-of-three-expired"]);
    assert.deepEqual(await verdicts(page), ["fails 502", "fails 502", "fails 502"]);
  }));

test("the head of a column puts the list in its order, and turns it around", () =>
  play({}, async (page) => {
    const head = page.getByRole("columnheader", { name: "Origin" });
    await head.getByRole("link").click();
    await page.waitForFunction(() => document.querySelector("th[aria-sort]").textContent === "Origin");
    const ids = await shown(page);
    assert.deepEqual(ids, ids.toSorted());
    await head.getByRole("link").click();
    await page.waitForURL(/sort=-origin/);
    await page.waitForFunction(() => document.querySelector("th[aria-sort=descending]"));
    assert.deepEqual(await shown(page), ids.toReversed());
  }));

test("pages follow each other", () =>
  play({}, async (page) => {
    await page.goto(`${DEMO}/?per_page=10&sort=origin`);
    const seen = await shown(page);
    for (const number of [2, 3]) {
      await page.getByRole("link", { name: "Next", exact: true }).click();
      await page.waitForURL(new RegExp(`page=${number}`));
      await page.waitForFunction((n) => document.querySelector(".pages [aria-current]").textContent === n, `${number}`);
      seen.push(...(await shown(page)));
    }
    assert.equal(await page.getByRole("link", { name: "Next", exact: true }).count(), 0);
    const api = await (await fetch(`${DEMO}/api/v1/origins?sort=origin`)).json();
    assert.deepEqual(seen, api.origins.map(({ origin }) => origin));
  }));

test("the list refreshes by itself, leaves the reader where they are, and can be paused", () =>
  play({}, async (page) => {
    await page.clock.install();
    await page.reload();
    let asked = 0;
    page.on("request", (request) => { asked += Number(request.resourceType() === "fetch"); });
    await page.evaluate(() => { document.querySelector("tbody .who a").textContent = "stale"; });
    await page.locator(".origins thead a").first().focus();
    const refreshed = page.waitForResponse((response) => response.request().resourceType() === "fetch");
    await page.clock.runFor(16_000);
    await refreshed;
    await page.waitForFunction(() => document.querySelector("tbody .who a").textContent !== "stale");
    assert.equal(await page.evaluate(() => document.activeElement.closest("th")?.textContent), "Verdict");
    assert.equal(asked, 1);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.clock.runFor(60_000);
    assert.equal(asked, 1);
    assert.equal(await page.getByRole("button", { name: "Pause" }).getAttribute("aria-pressed"), "true");
  }));

test("a daemon that is gone is told, and what was there stays", () =>
  play({}, async (page, tab) => {
    const before = await shown(page);
    await page.route("**/*", (route) => route.abort());
    await page.selectOption("#sort", "origin");
    await page.locator("#refreshed").waitFor({ state: "visible" });
    assert.match(await page.locator("#refreshed").textContent(), /daemon does not answer/);
    assert.deepEqual(await shown(page), before);
    await page.unroute("**/*");
    await page.selectOption("#sort", "domain");
    await page.locator("#refreshed").waitFor({ state: "hidden" });
    // The browser itself tells of the requests that failed.
    tab.forgive();
  }));

test("everything works without a script", () =>
  play({ javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.getByRole("button", { name: "Pause" }).count(), 0);
    await page.fill("#search", "intermediate");
    await page.getByRole("button", { name: "Apply" }).click();
    assert.match(page.url(), /search=intermediate/);
    assert.deepEqual((await shown(page)).toSorted(), ["intermediate-expired", "missing-intermediate"]);
    await page.selectOption("#rule", "intermediate-expired");
    await page.getByRole("button", { name: "Apply" }).click();
    assert.deepEqual(await shown(page), ["intermediate-expired"]);
    await page.getByRole("link", { name: "Show all" }).click();
    assert.ok((await shown(page)).length > 20);
  }));

test("the keyboard alone gets everywhere", () =>
  play({}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const inContent = await page.evaluate(() => document.querySelector("main").contains(document.activeElement));
    assert.ok(inContent, "the skip link leads past the navigation");
    const reached = new Set();
    for (let press = 0; press < 40; press += 1) {
      const [name, outline] = await page.evaluate(() => {
        const here = document.activeElement;
        return [here.id || here.textContent, getComputedStyle(here).outlineStyle];
      });
      assert.notEqual(outline, "none", `the focus is seen on ${name}`);
      reached.add(name);
      await page.keyboard.press("Tab");
    }
    for (const name of ["search", "rule", "sort", "pause", "18 fail now", "Verdict"]) {
      assert.ok([...reached].some((each) => each.endsWith(name.replace(/^\d+ /, ""))), `${name}: ${[...reached]}`);
    }
  }));

test("on paper there is the list and no field", () =>
  play({}, async (page) => {
    await page.emulateMedia({ media: "print" });
    await shoot(page, "status-print");
    assert.ok(await page.locator(".origins").isVisible());
    assert.ok(!(await page.locator("#filters").isVisible()));
    assert.ok(await page.locator(".origins thead").isVisible());
  }));

test("a question that makes no sense is answered in words", () =>
  play({}, async (page, tab) => {
    await page.goto(`${DEMO}/?verdict=broken`);
    assert.match(await page.locator("main").textContent(), /`broken` is not known; use fails/);
    await assertAccessible(page);
    tab.forgive();
  }));
