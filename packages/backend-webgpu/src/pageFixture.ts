import { suite } from './suiteFixture';
import { webgpu } from './webgpu';

/** What came of the suite in a page. */
export interface Report {
  /** What `probe` says. */ readonly probed: string;
  /** Names of what holds. */ readonly held: readonly string[];
  /** What does not, with the reason. */ readonly broken: readonly string[];
}

export async function run(): Promise<Report> {
  const found = await webgpu().probe();
  if (!found.available) return { probed: `${found.reason}. ${found.fix}`, held: [], broken: [] };
  const held: string[] = [];
  const broken: string[] = [];
  for (const { name, run: check } of suite()) {
    await check().then(
      () => held.push(name),
      (error: unknown) => broken.push(`${name}: ${String(error)}`),
    );
  }
  return { probed: found.detail, held, broken };
}
