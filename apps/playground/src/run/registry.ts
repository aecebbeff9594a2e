import { plugin as augment } from '@unlabel/augment';
import { corePlugin, createRegistry, type Definition } from '@unlabel/core';
import { plugin as jepa } from '@unlabel/jepa';
import { plugin as contrastive } from '@unlabel/losses-contrastive';
import { plugin as nonContrastive } from '@unlabel/losses-noncontrastive';
import { plugin as models } from '@unlabel/models';

/** What the page can name; the code behind a name loads when it is made. */
export const registry = createRegistry([corePlugin, augment, contrastive, nonContrastive, jepa, models]);

/** The methods that learn from images without labels. */
export function methods(): readonly Definition<'objective'>[] {
  return registry
    .definitions('objective')
    .map(({ name }) => registry.find('objective', name))
    .filter(({ traits }) => (traits?.modality ?? 'image') === 'image' && !traits?.labels);
}
