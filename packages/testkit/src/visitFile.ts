import { launch } from './chromium';

/** How a reader looks at a page. */
export interface Reader {
  /** Width of the window in CSS pixels (default 1280). */ readonly width?: number;
  /** Whether the reader prefers dark pages (default false). */ readonly dark?: boolean;
}

/** What came of it. */
export interface FileVisit {
  /** What the page wrote to its console, threw, or was refused by its own policy. */ readonly written: readonly string[];
  /** What it asked for beside itself, `data:` apart. */ readonly requests: readonly string[];
  /** What the expression gave; it must survive JSON. */ readonly result: unknown;
}

/**
 * Opens an HTML file from disk in headless Chromium, once for each reader, as if somebody had clicked on it.
 * @param path absolute
 * @param expression JavaScript that is evaluated in the page once it has loaded, a promise or not
 * @throws UnlabelError `PEER_MISSING` without playwright-core or Chromium
 */
export async function visitFile(
  path: string,
  readers: readonly Reader[],
  expression: string,
): Promise<readonly FileVisit[]> {
  const { pathToFileURL } = await import('node:url');
  const browser = await launch(['--disable-gpu']);
  try {
    const visits: FileVisit[] = [];
    const url = pathToFileURL(path).href;
    for (const { width = 1280, dark = false } of readers) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light' });
      const [written, requests]: [string[], string[]] = [[], []];
      page.on('console', (message) => written.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => written.push(`uncaught: ${error.message}`));
      page.on('request', (request) => {
        if (request.url() !== url && !request.url().startsWith('data:')) requests.push(request.url());
      });
      await page.goto(url, { timeout: 20_000 });
      visits.push({ result: await page.evaluate(expression), written, requests });
      await page.close();
    }
    return visits;
  } finally {
    await browser.close();
  }
}
