import { featureEncoder, writeFeatures } from '../output/featureFile';
import { counted } from '../output/table';
import { datasetByName } from '../run/datasetByName';
import { embedImages } from '../run/embedImages';
import { openEncoder } from '../run/openEncoder';
import { openRunFolder } from '../run/runFolder';
import { openSamples } from '../run/samples';

/** What `unlabel embed` takes. */
export interface EmbedFlags {
  readonly out: string;
}

/** Writes the features of a run's encoder for every readable image of a data set. */
export async function embed(runFolder: string, data: string, { out }: EmbedFlags): Promise<void> {
  featureEncoder(out);
  const run = await openRunFolder(runFolder);
  const dataset = await openSamples(run.registry, { dataset: datasetByName(run.registry, data) });
  const { embedder, plainView, dispose } = await openEncoder(run);
  try {
    const { features, dim, indices } = await embedImages(dataset, plainView, embedder.embed);
    const { labels } = dataset;
    const names = Array.from(indices, (index) => dataset.sampleName(index));
    const classes = labels && Array.from(indices, (index) => labels.classes[labels.values[index] ?? -1] ?? '');
    await writeFeatures(out, { features, dim, names, ...(classes && { labels: classes }) });
    console.log(`${out}: ${names.length} × ${dim}.`);
    if (names.length < dataset.length)
      console.log(`${counted(dataset.length - names.length)} could not be read and left out.`);
  } finally {
    await dispose();
  }
}
