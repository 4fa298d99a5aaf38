// The stage for the pages: a browser over a daemon, and what must hold on every page.
//
// `.ci/check-pages` sets where both are: ORIGIN_PROBE_BROWSER is the folder that
// `.ci/install node` filled, ORIGIN_PROBE_DEMO the address of the demo's daemon, such as
// http://127.0.0.1:10502, ORIGIN_PROBE_SHOTS a folder for screenshots.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(join(process.env.ORIGIN_PROBE_BROWSER, "package.json"));
const { chromium } = require("playwright-core");
const AXE = require.resolve("axe-core/axe.min.js");

/** Where the demo's daemon is, without a slash at the end. */
export const DEMO = process.env.ORIGIN_PROBE_DEMO;

/** Opens a browser; `close` ends it and leaves nothing behind. */
export async function openBrowser() {
  const folder = mkdtempSync(join(tmpdir(), "origin-probe-browser-"));
  const flags = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--force-device-scale-factor=1",
  ];
  const browser = await chromium.launch({
    executablePath: process.env.ORIGIN_PROBE_CHROMIUM ?? "/usr/bin/chromium",
    args: flags,
    headless: true,
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
  });
  return {
    browser,
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Opens a tab and notes everything that must not happen in it: a message of an error, a page that
 * throws, a request to anywhere but `base`. `settings` are Playwright's of a context, such as
 * `colorScheme`, `viewport` and `javaScriptEnabled`.
 */
export async function openTab(browser, settings = {}, base = DEMO) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
  const page = await context.newPage();
  const offences = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) offences.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => offences.push(`thrown: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`)) offences.push(`elsewhere: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) offences.push(`${response.status()}: ${response.url()}`);
  });
  return {
    page,
    /** Fails if anything happened that must not; then begins anew. */
    assertClean() {
      assert.deepEqual(offences.splice(0), []);
    },
    /** Forgets what was meant to happen. */
    forgive() {
      offences.length = 0;
    },
    async close() {
      await context.close();
    },
  };
}

/** Fails on whatever axe-core finds wrong with the page, WCAG 2.2 AA and good practice included. */
export async function assertAccessible(page) {
  // The policy of the pages refuses scripts that are written into them, so this one comes from outside.
  const source = require("node:fs").readFileSync(AXE, "utf8");
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations.map(({ id, help, nodes }) => ({
      id, help, nodes: nodes.slice(0, 3).map((node) => `${node.target}: ${node.failureSummary}`),
    }));
  });
  assert.deepEqual(found, []);
}

/** Fails if the page is wider than its window: nobody should have to scroll sideways. */
export async function assertFits(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${content} > ${window} pixels`);
}

/** Fails if any element of a selector hides a part of what it holds, or of the option it shows. */
export async function assertWhole(page, selector) {
  const cut = await page.$$eval(selector, (all) => all
    .filter((each) => each.clientWidth > 0 && getComputedStyle(each).display !== "inline")
    .filter((each) => {
      if (each.tagName !== "SELECT") {
        return each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1;
      }
      const whole = each.cloneNode(true);
      whole.style.cssText = "position: absolute; width: auto; max-width: none; flex: none";
      each.parentElement.append(whole);
      const { offsetWidth } = whole;
      whole.remove();
      return offsetWidth > each.offsetWidth + 1;
    })
    .map((each) => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 80)}`));
  assert.deepEqual(cut, []);
}

/** Keeps what the page looks like, for people to look at, where a folder for that is given. */
export async function shoot(page, name, options = {}) {
  if (!process.env.ORIGIN_PROBE_SHOTS) return;
  await page.screenshot({ path: join(process.env.ORIGIN_PROBE_SHOTS, `${name}.png`), ...options });
}
