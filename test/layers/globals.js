/**
 * Finds the outside world in a TypeScript source: clocks, timers, randomness, the process, the console, node modules.
 * Works on the syntax tree, so that strings, comments, property names and names declared by the file itself do not count.
 */
import ts from 'typescript';

const forbidden = new Set([
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'process',
  'console',
  'globalThis',
  'global',
  'require',
  'crypto',
  'fetch',
]);

/**
 * @param {string} text
 * @param {string} file
 * @returns {{ line: number, what: string }[]}
 */
export function forbiddenUses(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const own = declaredNames(source);
  const uses = [];
  const visit = (node) => {
    const what = useIn(node, own);
    if (what) uses.push({ line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, what });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses;
}

/** @param {ts.Node} node @param {Set<string>} own @returns {string | undefined} */
function useIn(node, own) {
  if (ts.isStringLiteral(node) && node.text.startsWith('node:') && isModuleName(node)) return node.text;
  if (isMathRandom(node)) return 'Math.random';
  if (!ts.isIdentifier(node) || !forbidden.has(node.text) || own.has(node.text)) return undefined;
  return isPropertyName(node) ? undefined : node.text;
}

/** @param {ts.Node} node */
function isMathRandom(node) {
  const onMath = (expression) => ts.isIdentifier(expression) && expression.text === 'Math';
  if (ts.isPropertyAccessExpression(node)) return onMath(node.expression) && node.name.text === 'random';
  return (
    ts.isElementAccessExpression(node) &&
    onMath(node.expression) &&
    ts.isStringLiteralLike(node.argumentExpression) &&
    node.argumentExpression.text === 'random'
  );
}

/** @param {ts.StringLiteral} node */
function isModuleName(node) {
  const parent = node.parent;
  return (
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword) ||
    (ts.isLiteralTypeNode(parent) && ts.isImportTypeNode(parent.parent))
  );
}

/** `x.Date`, `{ Date: 1 }`, `interface { Date: ... }`: names that are no use of the global. @param {ts.Identifier} node */
function isPropertyName(node) {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return (ts.isQualifiedName(parent) ? parent.right : parent.name) === node;
  }
  return 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
}

/** Names the file declares itself, as variable, parameter, function, class or import. @param {ts.SourceFile} source */
function declaredNames(source) {
  const names = new Set();
  const visit = (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node);
    if (declares && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
