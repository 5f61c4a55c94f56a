import { resolve } from "node:path";
import ts from "typescript";

/** What an entry exports, each thing with its declarations. */
export type Exported = ReadonlyMap<string, readonly ts.Declaration[]>;

export interface Api {
  /** Declarations without comments, by name: first what is exported, then what that refers to. */
  readonly text: string;
  readonly exported: Exported;
}

const printer = ts.createPrinter({ removeComments: true });

/** Whether the declaration is ours, and not of a library. */
const isOurs = (declaration: ts.Declaration): boolean =>
  !declaration.getSourceFile().fileName.includes("/node_modules/");

/** What a class or an interface, a type, a function or a constant is written as. */
const statementOf = (declaration: ts.Declaration): ts.Node =>
  ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;

export const apiOf = (program: ts.Program, entry: string): Api => {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry) ?? program.getSourceFile(resolve(entry));
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${entry} exports nothing`);
  const exports = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, symbol: real(checker, symbol) }));
  const exported = new Map(
    exports.map(({ name, symbol }) => [name, (symbol.declarations ?? []).filter(isOurs)]),
  );
  const known = new Set(exports.map(({ symbol }) => symbol));
  const inside = new Map<string, readonly ts.Declaration[]>();
  const follow = (declarations: readonly ts.Declaration[]): void => {
    for (const symbol of declarations.flatMap((declaration) => referredBy(checker, declaration))) {
      if (known.has(symbol)) continue;
      known.add(symbol);
      const own = (symbol.declarations ?? []).filter(isOurs).filter(isWhole);
      if (own.length === 0) continue;
      inside.set(symbol.name, [...(inside.get(symbol.name) ?? []), ...own]);
      follow(own);
    }
  };
  for (const declarations of exported.values()) follow(declarations);
  const foreign = exports.filter(({ name }) => exported.get(name)?.length === 0);
  return {
    text: [
      ...foreign.map(({ name, symbol }) => `// ${name}: ${packageOf(symbol)}\n`).toSorted(),
      ...textsOf(exported),
      ...(inside.size > 0 ? ["// Not exported, but part of what is:\n", ...textsOf(inside)] : []),
    ].join("\n"),
    exported,
  };
};

/** What an alias stands for. */
const real = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** Not a member or a parameter: those are told with what they belong to. */
const isWhole = (declaration: ts.Declaration): boolean => ts.isSourceFile(statementOf(declaration).parent);

const referredBy = (checker: ts.TypeChecker, declaration: ts.Declaration): readonly ts.Symbol[] => {
  const found: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol !== undefined) found.push(real(checker, symbol));
    }
    ts.forEachChild(node, visit);
  };
  visit(statementOf(declaration));
  return found;
};

const textsOf = (declarationsByName: ReadonlyMap<string, readonly ts.Declaration[]>): readonly string[] =>
  [...declarationsByName]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, declarations]) => {
      const statements = new Set(declarations.map(statementOf));
      const texts = [...statements].map((statement) =>
        printer
          .printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile())
          .replace(/^(export )?(declare )?/, "export "),
      );
      return texts.length === 0 ? [] : [`${texts.join("\n")}\n`];
    });

const packageOf = ({ declarations = [] }: ts.Symbol): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(declarations[0]?.getSourceFile().fileName ?? "")?.[1] ??
  "elsewhere";
