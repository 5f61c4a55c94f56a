import ts from "typescript";
import type { Exported } from "./api-of.ts";

/** What is exported, and every method of it, that nothing is said about, not even by what it implements. */
export const undocumentedIn = (exported: Exported, checker: ts.TypeChecker): readonly string[] => {
  const isMute = (declaration: ts.Declaration): boolean =>
    ts.getJSDocCommentsAndTags(declaration).length === 0 && inherited(declaration, checker) === 0;
  return [...exported].flatMap(([name, declarations]) => {
    const self = declarations.length > 0 && declarations.every(isMute) ? [name] : [];
    const methods = declarations.flatMap(methodsOf).filter(isMute);
    return [...self, ...methods.map((method) => `${name}.${method.name?.getText() ?? "?"}`)];
  });
};

const methodsOf = (declaration: ts.Declaration): readonly ts.NamedDeclaration[] =>
  ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)
    ? [...declaration.members].filter(
        (member) =>
          (ts.isMethodSignature(member) || ts.isMethodDeclaration(member)) &&
          !ts.isPrivateIdentifier(member.name),
      )
    : [];

const inherited = ({ name }: ts.NamedDeclaration, checker: ts.TypeChecker): number =>
  (name && checker.getSymbolAtLocation(name)?.getDocumentationComment(checker).length) ?? 0;
