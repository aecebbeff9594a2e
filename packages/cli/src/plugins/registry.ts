import { corePlugin, createRegistry, type Plugin, type Registry } from '@unlabel/core';
import { loadPlugin } from './loadPlugin';

/**
 * A registry of our own plugins and of those that a config names.
 * @param project where third-party packages are installed (default: the current folder)
 * @throws UnlabelError `PLUGIN_NOT_FOUND`, `PLUGIN_INVALID`, `CONTRACT_UNSUPPORTED`, `DUPLICATE_NAME`
 */
export async function loadRegistry(names: readonly string[] = [], project: string = process.cwd()): Promise<Registry> {
  const own = await ownPlugins();
  const others = await Promise.all(names.map((name) => loadPlugin(name, project)));
  return createRegistry<readonly Plugin[]>([...own, ...others]);
}

async function ownPlugins(): Promise<readonly Plugin[]> {
  const modules = await Promise.all([
    import('@unlabel/data'),
    import('@unlabel/augment'),
    import('@unlabel/models'),
    import('@unlabel/losses-contrastive'),
    import('@unlabel/losses-noncontrastive'),
    import('@unlabel/jepa'),
    import('@unlabel/eval'),
    import('@unlabel/backend-onnx'),
    import('@unlabel/backend-node'),
    import('@unlabel/backend-webgpu'),
  ]);
  return [corePlugin, ...modules.map(({ plugin }) => plugin)];
}
