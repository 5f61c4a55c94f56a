import { dirname, join, resolve } from "node:path";
import ts from "typescript";

/** A program of the declarations that a build would write for the files and for what they import, kept in memory. */
export const declarationsOf = (files: readonly string[]): ts.Program => {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, ".");
  const emitting = { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: "." };
  const texts = new Map<string, string>();
  const sources = ts.createProgram([...files], emitting);
  sources.emit(undefined, (name, text) => texts.set(resolve(name), text), undefined, true);
  return ts.createProgram(
    files.map((file) => file.replace(/\.ts$/, ".d.ts")),
    options,
    hostOf(texts, options),
  );
};

/** Reads the declarations before what is on disk; imports between them name the files that a build would make. */
const hostOf = (texts: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost => {
  const disk = ts.createCompilerHost(options);
  const textOf = (name: string) => texts.get(resolve(name));
  return {
    ...disk,
    fileExists: (name) => textOf(name) !== undefined || disk.fileExists(name),
    readFile: (name) => textOf(name) ?? disk.readFile(name),
    getSourceFile: (name, version) => {
      const text = textOf(name);
      return text === undefined
        ? disk.getSourceFile(name, version)
        : ts.createSourceFile(name, text, version);
    },
    resolveModuleNameLiterals: (literals, containing) =>
      literals.map(({ text }) => {
        const own = resolve(join(dirname(containing), text.replace(/\.[jt]s$/, ".d.ts")));
        if (text.startsWith(".") && texts.has(own))
          return { resolvedModule: { resolvedFileName: own, extension: ts.Extension.Dts } };
        return ts.resolveModuleName(text, containing, options, disk);
      }),
  };
};
