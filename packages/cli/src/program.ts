import { Command, InvalidArgumentError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { CompareFlags } from './commands/compare';
import type { EmbedFlags } from './commands/embed';
import type { EvaluateFlags } from './commands/evaluate';
import type { ExplainFlags } from './commands/explain';
import type { ExportFlags } from './commands/export';
import type { ListFlags } from './commands/list';
import type { PretrainFlags } from './commands/pretrain';
import type { QuickstartFlags } from './commands/quickstart';
import type { ReportFlags } from './commands/report';
import type { SchemaFlags } from './commands/schema';
import type { StudyFlags } from './commands/study';
import type { ViewsFlags } from './commands/views';

/** The `unlabel` command line. Each command's code is imported when it is used. */
export function buildProgram(): Command {
  const program = new Command('unlabel')
    .description('Learn image encoders without labels; measure them, embed with them, ship them.')
    .version(manifest.version)
    .option('--debug', 'show where an error was thrown')
    .showHelpAfterError('(`unlabel <command> --help` shows what it takes)')
    .exitOverride();
  addTraining(program);
  addReports(program);
  addUse(program);
  addInformation(program);
  return program;
}

function addTraining(program: Command): void {
  program
    .command('quickstart')
    .description('pretrain on the shipped Fashion-MNIST images and measure the result')
    .option('--data <name>', 'fashion-mnist, fashion-mnist-60k, or a folder of images', 'fashion-mnist')
    .option('--method <name>', 'the objective to train with (default: the recipe’s)')
    .option('--minutes <n>', 'stop at about this training time', positive)
    .option('--epochs <n>', 'passes over the data', wholeNumber)
    .option('--seed <n>', 'seed of everything random', wholeNumber, 0)
    .option('--out <folder>', 'the run folder (default: runs/quickstart-<date>)')
    .addOption(setOption())
    .action(async (flags: QuickstartFlags) => (await import('./commands/quickstart')).quickstart(flags));
  program
    .command('pretrain')
    .description('pretrain an encoder as a config file says')
    .argument('<config>', 'a YAML file')
    .addOption(setOption())
    .option('--resume [run]', 'continue from the newest checkpoint of the run folder')
    .option('--out <folder>', 'the run folder')
    .action(async (config: string, flags: PretrainFlags) =>
      (await import('./commands/pretrain')).pretrain(config, flags),
    );
}

function addReports(program: Command): void {
  program
    .command('report')
    .description('write report.html into a run folder: curves, evaluation, map, neighbours, views')
    .argument('<run>', 'a run folder')
    .option('--figures <folder>', 'also write each figure there, as SVG and PNG')
    .option('--no-images', 'leave out what needs the images and the encoder')
    .action(async (run: string, flags: ReportFlags) => (await import('./commands/report')).report(run, flags));
  program
    .command('compare')
    .description('runs side by side: quality, with intervals, against the risk of collapse')
    .argument('<runs...>', 'run folders, such as runs/*')
    .option('--quality <figure>', 'evaluator and figure that stand for quality', 'linear-probe.accuracy')
    .option('--out <file>', 'the page to write', 'comparison.html')
    .action(async (runs: string[], flags: CompareFlags) => (await import('./commands/compare')).compare(runs, flags));
  program
    .command('study')
    .description('run every setting of a study with several seeds, and go on where it was ended')
    .argument('<study>', 'a YAML file')
    .option('--out <folder>', 'folder of its runs and results (default: runs/<name of the file>)')
    .option('--figures <folder>', 'also write each figure as SVG and PNG')
    .option('--plan', 'print the runs and what each sets; run nothing')
    .action(async (path: string, flags: StudyFlags) => (await import('./commands/study')).study(path, flags));
}

function addUse(program: Command): void {
  program
    .command('evaluate')
    .description('measure a run’s encoder on labelled images')
    .argument('<run>', 'a run folder')
    .option('--data <dataset>', 'a data set name or folder instead of those of the run’s config')
    .option('--checkpoint <name>', 'last, or one that was kept, such as best (default: the run’s end)')
    .option('--projections', 'also measure what the loss sees of images')
    .addOption(setOption())
    .action(async (run: string, flags: EvaluateFlags) => (await import('./commands/evaluate')).evaluate(run, flags));
  program
    .command('embed')
    .description('turn images into feature vectors')
    .argument('<run>', 'a run folder')
    .argument('<data>', 'a data set name or a folder of images')
    .requiredOption('--out <file>', 'features.npy, features.jsonl or features.parquet')
    .action(async (run: string, data: string, flags: EmbedFlags) =>
      (await import('./commands/embed')).embed(run, data, flags),
    );
  program
    .command('export')
    .description('write a run’s encoder for other tools')
    .argument('<run>', 'a run folder')
    .addOption(new Option('--format <format>', 'file format').choices(['onnx', 'safetensors']).default('onnx'))
    .option('--out <file>', 'where to (default: encoder.<format> in the run folder)')
    .option('--checkpoint <name>', 'last, or one that was kept, such as best (default: the run’s end)')
    .option('--opset <n>', "version of ONNX's operators, 17 to 21 (default: 17)", wholeNumber)
    .option('--batch <n>', 'make the batch fixed (default: any)', wholeNumber)
    .option('--verify', "run the file and compare its features with the encoder's")
    .option('--licence <name>', 'under which licence the encoder may be used; goes into the file')
    .option('--author <name>', 'who made it; goes into the file')
    .action(async (run: string, flags: ExportFlags) => (await import('./commands/export')).exportRun(run, flags));
}

function addInformation(program: Command): void {
  program
    .command('views')
    .description('a picture of what the model sees: some images, and the views that a recipe makes of them')
    .argument('<data>', 'a data set name, a folder of images, or a config file')
    .option(
      '--recipe <name>',
      'an augmentation of `unlabel list augmentation` (default: simclr, or that of the config)',
    )
    .option('--images <n>', 'how many images', wholeNumber, 4)
    .option('--seed <n>', 'chooses the images, and seeds their views', wholeNumber, 0)
    .option('--out <file>', 'where to', 'views.png')
    .option('--plugin <package...>', 'load these plugin packages too')
    .addOption(
      repeated(
        '--set <option=value>',
        'set an option of the recipe, or a key of the config (views.size=64); repeatable',
      ),
    )
    .action(async (data: string, flags: ViewsFlags) => (await import('./commands/views')).views(data, flags));
  program
    .command('explain')
    .description('what the ONNX backend’s compiler makes of the training step of a config')
    .argument('<config>', 'a YAML file')
    .addOption(setOption())
    .option('--print <graph>', 'also print a graph, a line for each node: before, after, or the name of a pass')
    .option('--without <pass...>', 'leave these passes out')
    .action(async (config: string, flags: ExplainFlags) => (await import('./commands/explain')).explain(config, flags));
  program
    .command('list')
    .description('what the loaded plugins offer, and the options of each')
    .argument('[kind]', 'backend, objective, augmentation, encoder, dataset, evaluator, callback or optimizer')
    .argument('[name]', 'show this one in full')
    .option('--plugin <package...>', 'load these plugin packages too')
    .option('--json', 'as JSON')
    .action(async (kind: string | undefined, name: string | undefined, flags: ListFlags) =>
      (await import('./commands/list')).list(kind, name, flags),
    );
  program
    .command('schema')
    .description('print the JSON Schema of config files, for editors')
    .option('--plugin <package...>', 'load these plugin packages too')
    .action(async (flags: SchemaFlags) => (await import('./commands/schema')).schema(flags));
  program
    .command('doctor')
    .description('which backends work here, and how to get the others')
    .action(async () => (await import('./commands/doctor')).doctor());
}

function setOption(): Option {
  return repeated('--set <key.path=value>', 'override a value of the config; repeatable');
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((assignment: string, before: string[]) => [...before, assignment])
    .default([], 'none');
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
