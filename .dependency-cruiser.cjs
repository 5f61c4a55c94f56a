const no = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });
const sources = "^(src|plugins|step-definitions|bench)/";
const tests = "\\.test\\.ts$";
const entries = "^src/((contract|engine|edge|native|testing|conformance)/index|conformance/steps)\\.ts$";
const nodeIo =
  "^(node:)?(fs|fs/promises|net|tls|http|https|child_process|worker_threads|os|dgram|cluster|async_hooks)$";

module.exports = {
  forbidden: [
    no("no-cycles", "a cycle hides a missing abstraction", {}, { circular: true }),
    no(
      "contract-is-pure",
      "the contract imports nothing of ours",
      { path: "^src/contract/" },
      { path: "^(src/(?!contract/)|plugins)" },
    ),
    no("contract-does-no-io", "the contract does no I/O", { path: "^src/contract/" }, { path: nodeIo }),
    no(
      "plugins-use-public-entries",
      "a plugin sees what a stranger's plugin sees",
      { path: "^plugins/" },
      { path: "^src/", pathNot: entries },
    ),
    no(
      "plugins-are-islands",
      "plugins meet only through extension points",
      { path: "^plugins/([^/]+)/" },
      { path: "^plugins/(?!$1/)" },
    ),
    no(
      "steps-use-public-entries",
      "steps use the public package, never internals",
      { path: "^step-definitions/" },
      { path: "^src/", pathNot: entries },
    ),
    no(
      "conformance-steps-stand-alone",
      "a stranger has neither our other steps nor our development tools",
      { path: "^step-definitions/conformance/" },
      { path: "^step-definitions/(?!conformance/)" },
    ),
    no(
      "conformance-steps-need-no-dev-tools",
      "a stranger has only our dependencies",
      { path: "^step-definitions/conformance/" },
      { dependencyTypes: ["npm-dev"] },
    ),
    no(
      "edge-does-no-io",
      "the edge runs unchanged in an edge runtime",
      { path: "^src/edge/", pathNot: tests },
      { path: nodeIo },
    ),
    no(
      "doors-do-not-meet",
      "edge, cli and conformance are doors of their own",
      { path: "^src/edge/", pathNot: tests },
      { path: "^src/(cli|conformance|dashboard|engine|kernel|jobs|disks|catalog)/" },
    ),
    no(
      "disks-know-no-datastore",
      "the data path works on layers alone",
      { path: "^src/disks/" },
      { path: "^(src/(engine|edge|cli|catalog|jobs|kernel|conformance)|plugins)/" },
    ),
    no(
      "kernel-is-below",
      "the kernel knows the contract and observations",
      { path: "^src/kernel/" },
      { path: "^src/(engine|edge|cli|catalog|jobs|disks|conformance)/" },
    ),
    no(
      "only-native-uses-koffi",
      "one native port",
      { path: sources, pathNot: "^src/native/" },
      { path: "node_modules/koffi" },
    ),
    no(
      "only-the-kernel-uses-containers",
      "plugins get `bind`",
      { path: "^(src/(?!kernel|contract)|plugins|step-definitions|scripts|bench)", pathNot: tests },
      { path: "node_modules/inversify" },
    ),
    no(
      "only-plugins-open-databases",
      "the catalog plugins open them",
      { path: sources, pathNot: "^plugins/" },
      { path: "node_modules/(libsql|pg|minio)/" },
    ),
    no(
      "only-plugins-use-sockets",
      "exports are plugins; clients of NBD are in one place",
      { path: "^src/", pathNot: `^src/(nbd|testing|conformance/broken)/|${tests}` },
      { path: "^(node:)?net$" },
    ),
    no(
      "only-doors-start-processes",
      "processes are started by plugins, doors, acceptance runs and for images of other formats",
      { path: "^src/", pathNot: `^src/(acceptance|conformance|cli|images|testing)/|${tests}` },
      { path: "^(node:)?child_process$" },
    ),
    no(
      "only-the-engine-starts-threads",
      "one function starts threads",
      { path: sources, pathNot: "^src/engine/" },
      { path: "^(node:)?worker_threads$" },
    ),
    no(
      "nothing-unresolvable",
      "an import that can't be resolved is a mistake",
      {},
      { couldNotResolve: true },
    ),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: "node_modules",
    exclude: "^dist/|/plugin-v1/",
    enhancedResolveOptions: {
      conditionNames: ["@pagurus/source", "import", "default"],
      exportsFields: ["exports"],
    },
  },
};
