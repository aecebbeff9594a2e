import { originStore } from '@unlabel/core';

/** What a store of the browser's files does, in a page. */
export async function run(): Promise<readonly unknown[]> {
  const store = originStore('runs/one');
  const text = async (path: string) => {
    const bytes = await store.read(path);
    return bytes && new TextDecoder().decode(bytes);
  };
  const bytes = (content: string) => new TextEncoder().encode(content);
  const seen: unknown[] = [(await store.read('a/b')) ?? 'missing', await store.list('a')];
  await store.write('a/two', bytes('a long old text'));
  await store.write('a/two', bytes('new'));
  await store.write('a/one', bytes(''));
  await store.append('log', bytes('a'));
  await store.append('log', bytes('bc'));
  seen.push(await text('a/two'), await text('log'), await store.list('a'), await store.list('.'));
  await store.remove('a/one');
  await store.remove('a/never-there');
  seen.push(await store.list('a'), await originStore('runs/two').list('a'));
  return seen;
}
