import { UnlabelError } from '@unlabel/core';
import type { Browser, Page } from 'playwright-core';

/** A module whose `run` is called in the page; what goes in and comes out must survive JSON. */
export interface PageModule {
  run(input: never): unknown;
}

/** How a page is set up. */
export interface ChromiumOptions<Module extends PageModule> {
  /** What `run` is given. */ readonly input: Parameters<Module['run']>[0];
  /** Folders to serve beside the page, by URL path: `{ '/onnxruntime/': '…/dist' }` (default none). */
  readonly folders?: Readonly<Record<string, string>>;
  /** Whether there is WebGPU, on a software adapter (default false). */ readonly webgpu?: boolean;
  /** Whether the page is cross-origin isolated, which WebAssembly threads need (default true). */ readonly isolated?: boolean;
  /** Milliseconds until the page is given up (default 60,000). */ readonly timeout?: number;
}

/** What Chromium is called, where it is on the path. */
const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Nothing but the page: no sandbox, which containers lack, and no traffic of the browser's own. */
const quiet = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-quic',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
];
const softwareWebgpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/**
 * Where Chromium is: what `UNLABEL_CHROMIUM` names, or the first of `chromium`, `chromium-browser` and `google-chrome` on
 * the path; `undefined` where there is none, so that tests can skip.
 */
export async function findChromium(): Promise<string | undefined> {
  const [{ access }, { delimiter, join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const { UNLABEL_CHROMIUM, PATH = '' } = process.env;
  const places = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  for (const place of UNLABEL_CHROMIUM ? [UNLABEL_CHROMIUM] : places) {
    const exists = await access(place).then(
      () => true,
      () => false,
    );
    if (exists) return place;
  }
  return undefined;
}

/**
 * Bundles a module as a browser would get it, opens it in a page of headless Chromium and calls its `run`. Packages of a
 * workspace are bundled from their sources.
 * @param entry path of the module
 * @returns what `run` returned
 * @throws UnlabelError `PEER_MISSING` without playwright-core, esbuild or Chromium; Error with what the page wrote to its
 *   console, when `run` throws
 */
export async function inChromium<Module extends PageModule>(
  entry: string,
  options: ChromiumOptions<Module>,
): Promise<Awaited<ReturnType<Module['run']>>> {
  const { folders = {}, webgpu = false, isolated = true, timeout = 60_000 } = options;
  const files = await bundle(entry);
  const server = await serve(files, folders, isolated ? isolation : {});
  try {
    const browser = await launch(webgpu ? softwareWebgpu : ['--disable-gpu']);
    try {
      return await call<Module>(browser, server.url, options.input, timeout);
    } finally {
      await browser.close();
    }
  } finally {
    server.close();
  }
}

async function call<Module extends PageModule>(
  browser: Browser,
  url: string,
  input: unknown,
  timeout: number,
): Promise<Awaited<ReturnType<Module['run']>>> {
  const page = await browser.newPage();
  const written = listen(page);
  await page.goto(url);
  const argument = JSON.stringify(input ?? null);
  const result = page.evaluate<string>(
    `import('/page.js').then(({ run }) => run(${argument})).then((result) => JSON.stringify(result ?? null))`,
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The page did not finish within ${timeout} ms.`)), timeout);
  });
  try {
    return JSON.parse(await Promise.race([result, late]));
  } catch (cause) {
    throw new Error([String(cause), ...written].join('\n'), { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Collects what the page writes to its console and what it throws. */
function listen(page: Page): readonly string[] {
  const written: string[] = [];
  page.on('console', (message) => written.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => written.push(`uncaught: ${error.message}`));
  return written;
}

/** Starts headless Chromium. @throws UnlabelError `PEER_MISSING` */
export async function launch(args: readonly string[]): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) throw missing('Chromium', 'Install it, or name its path in UNLABEL_CHROMIUM.');
  const { chromium } = await import('playwright-core').catch((cause: unknown) => {
    throw missing('playwright-core', 'Install it: npm install --save-dev playwright-core', cause);
  });
  return chromium.launch({ executablePath, args: [...quiet, ...args] });
}

/** The module and all that it imports, as files by URL path; `/page.js` is the entry. */
async function bundle(entry: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { build } = await import('esbuild').catch((cause: unknown) => {
    throw missing('esbuild', 'Install it: npm install --save-dev esbuild', cause);
  });
  const { outputFiles } = await build({
    entryPoints: { page: entry },
    outdir: '/',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@unlabel/source'],
    logLevel: 'silent',
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [path.replaceAll('\\', '/').replace(/^[A-Z]:/, ''), contents]),
  );
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
  html: 'text/html',
};

/** Serves the files and folders on a port of this machine. */
async function serve(
  files: ReadonlyMap<string, Uint8Array>,
  folders: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; close(): void }> {
  const [{ createServer }, { readFile }, { join, normalize }] = await Promise.all([
    import('node:http'),
    import('node:fs/promises'),
    import('node:path'),
  ]);
  const contents = async (path: string) => {
    if (path === '/') return Buffer.from('<!doctype html><title>page</title>');
    const [prefix, folder] = Object.entries(folders).find(([start]) => path.startsWith(start)) ?? [];
    const within = normalize(`/${decodeURIComponent(path.slice(prefix?.length))}`); // `..` ends at the folder
    const beside = folder && join(folder, within);
    return files.get(path) ?? (beside ? readFile(beside).catch(() => undefined) : undefined);
  };
  const server = createServer((request, response) => {
    const { pathname: path } = new URL(request.url ?? '/', 'http://localhost');
    void contents(path).then((body) => {
      const type = path === '/' ? 'text/html' : (types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
      response.writeHead(body ? 200 : 404, { ...headers, 'Content-Type': type }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

function missing(what: string, fix: string, cause?: unknown): UnlabelError {
  return new UnlabelError('PEER_MISSING', `${what} is not installed.`, { fix, cause });
}
