import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { findChromium } from '@unlabel/testkit';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

/** The page as it is built, served as any static host would, and a browser. */
export interface BuiltPage {
  readonly url: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

const flags = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

/** The page's policy, which workers take from their script's response alone: a host that sends headers should send it. */
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/** Builds the page and serves it from a folder of another, as GitHub's pages are. */
export async function buildPage(): Promise<BuiltPage> {
  const outDir = await mkdtemp(join(tmpdir(), 'unlabel-playground-'));
  const root = join(import.meta.dirname, '..');
  await build({
    root,
    logLevel: 'silent',
    build: { outDir, emptyOutDir: true, minify: false, reportCompressedSize: false },
  });
  const server = createServer(({ url = '/' }, response) => {
    const path = normalize(new URL(url, 'http://localhost').pathname).replace(/^\/some\/folder\/?/, '') || 'index.html';
    readFile(join(outDir, path)).then(
      (body) =>
        response
          .writeHead(200, {
            'Content-Type': types[extname(path)] ?? 'application/octet-stream',
            ...(/worker-.*\.js$/.test(path) && { 'Content-Security-Policy': policy }),
          })
          .end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const executablePath = await findChromium();
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: flags });
  return {
    url: `http://127.0.0.1:${port}/some/folder/`,
    browser,
    close: async () => {
      await browser.close();
      server.close();
      await rm(outDir, { recursive: true });
    },
  };
}

/** A visitor: what the browser keeps for the page, and all that it complained of. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the console, violations of the policy, requests that failed or went elsewhere. */
  readonly complaints: readonly string[];
  /** Names of the files that were fetched. */ readonly fetched: readonly string[];
}

/** Opens the page in a profile of its own. */
export async function visit({ browser, url }: BuiltPage): Promise<Visitor> {
  const context = await browser.newContext({ acceptDownloads: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  const fetched: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('worker', (worker) => {
    const listen = () => addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective));
    worker.evaluate(listen).catch(() => undefined); // ended already
  });
  page.on('request', (request) => {
    fetched.push(request.url().split('/').at(-1) ?? '');
    if (!request.url().startsWith(url) && !request.url().startsWith('blob:'))
      complaints.push(`elsewhere: ${request.url()}`);
  });
  await page.goto(url);
  return { context, page, complaints, fetched };
}

/** Sets fields by their labels, as a person would. */
export async function choose(page: Page, values: Readonly<Record<string, string | number>>): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    const field = page.getByLabel(label, { exact: true });
    if (await field.evaluate((element) => element.tagName === 'SELECT')) await field.selectOption(String(value));
    else {
      await field.fill(String(value));
      await field.blur();
    }
  }
}

/** Presses a button, and hands over the bytes of the file that comes of it. */
export async function download(page: Page, button: string): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return readFile(await file.path());
}

/** The first and last value of a curve with their steps, as it is told to those who do not see it. */
export async function curve(
  page: Page,
  name: string,
): Promise<readonly { readonly value: number; readonly step: number }[]> {
  const spoken = (await page.locator(`[data-curve=${name}] svg`).getAttribute('aria-label')) ?? '';
  return [...spoken.matchAll(/(-?[\d.e+-]+)(?: %)? at step (\d+)/g)].map(([, value, step]) => ({
    value: Number(value),
    step: Number(step),
  }));
}

/** Waits until the page says so. */
export async function says(page: Page, words: string | RegExp, timeout = 120_000): Promise<void> {
  await page.locator('.status', { hasText: words }).waitFor({ timeout });
}

/** Drops a file or folder on the page, as the system's file manager would. */
export async function drop(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
  }
}

/** Writes a file that the browser keeps for the page. */
export async function overwrite(page: Page, path: string, text: string): Promise<void> {
  await page.evaluate(
    async ([names, content]) => {
      let folder = await navigator.storage.getDirectory();
      for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
      const stream = await (await folder.getFileHandle(names.at(-1) ?? '')).createWritable();
      await stream.write(content);
      await stream.close();
    },
    [path.split('/'), text] as const,
  );
}
