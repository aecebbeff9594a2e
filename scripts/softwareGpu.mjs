import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * Environment in which WebGPU in Node finds SwiftShader, the software GPU that comes with Chromium, beside the browser or
 * where Debian has it. It must be there when the process starts: the loader of libraries reads it once.
 * @returns {Record<string, string>} empty where there is no Chromium
 */
export function softwareGpu() {
  const { PATH = '', LD_LIBRARY_PATH = '', UNLABEL_CHROMIUM } = process.env;
  const browsers = ['chromium', 'chromium-browser', 'google-chrome'];
  const onPath = PATH.split(delimiter).flatMap((folder) => browsers.map((name) => join(folder, name)));
  const found = [UNLABEL_CHROMIUM ?? '', ...onPath].filter((path) => path !== '' && existsSync(path));
  const folders = [
    ...found.map((path) => dirname(realpathSync(path))),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
  ];
  const folder = folders.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  if (folder === undefined) return {};
  return {
    VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: [LD_LIBRARY_PATH, folder].filter(Boolean).join(delimiter),
  };
}
