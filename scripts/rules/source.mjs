import { builtinModules } from 'node:module';
import ts from 'typescript';

const longest = 400;

/** Calls whose values a captured step would freeze, or that read values in the middle of one. */
const impure = /Math\.random\(|tf\.(dropout|randomNormal|randomUniform|truncatedNormal|multinomial)\(/;

/**
 * One source file: its length, its imports, and what the compiler allows but we do not.
 * @param {string} path relative to the root
 * @param {string} text
 * @param {{ name: string, manifest: import('./manifest.mjs').Manifest }} owner the package
 * @returns {string[]} findings
 */
export function checkSource(path, text, { name, manifest }) {
  if (/(\.test|\.test-d|\.golden|Fixture)\.ts$/.test(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lines = text.split('\n').length - 1;
  const declared = new Set([
    `@unlabel/${name}`,
    ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.imports }),
  ]);
  const { specifiers, casts } = collect(source);
  return [
    ...(lines > longest ? [`: ${lines} lines; more than ${longest} is two ideas.`] : []),
    ...(impure.test(text) ? [': draws its own randomness; take it from the step or a RandomStream.'] : []),
    ...(path.endsWith('/src/index.ts') && !isNamedReExports(source) ? [': an index only re-exports, by name.'] : []),
    ...casts
      .map((node) => source.getLineAndCharacterOfPosition(node.getEnd()).line)
      .filter((line) => !text.split('\n')[line]?.includes(' // '))
      .map((line) => `:${line + 1}: a cast needs its reason on the same line, or better, a type guard.`),
    ...specifiers
      .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier) && !declared.has(packageOf(specifier)))
      .map((specifier) => `: imports ${specifier}, which is not among the dependencies.`),
    ...specifiers
      .filter((specifier) => specifier.startsWith('.') && leavesSource(path, specifier))
      .map((specifier) => `: ${specifier} reaches out of the package; import it by name.`),
  ].map((finding) => path + finding);
}

/** Everything that a file imports or re-exports from, statically or not, and its type assertions. @param {ts.SourceFile} source */
function collect(source) {
  /** @type {string[]} */
  const specifiers = [];
  /** @type {ts.Node[]} */
  const casts = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    const from = importedFrom(node);
    if (from && ts.isStringLiteral(from)) specifiers.push(from.text);
    if (ts.isAssertionExpression(node) && !ts.isConstTypeReference(node.type)) casts.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { specifiers, casts };
}

/** @param {ts.Node} node @returns {ts.Node | undefined} */
function importedFrom(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  return undefined;
}

/** @param {ts.SourceFile} source */
function isNamedReExports(source) {
  return source.statements.every(
    (statement) =>
      ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause),
  );
}

/** @param {string} specifier */
function isBuiltin(specifier) {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** @param {string} path @param {string} specifier */
function leavesSource(path, specifier) {
  const resolved = new URL(specifier, `file:///${path}`).pathname;
  const folder = `/${path.split('/').slice(0, 2).join('/')}`;
  return !resolved.startsWith(`${folder}/src/`) && resolved !== `${folder}/package.json`;
}
