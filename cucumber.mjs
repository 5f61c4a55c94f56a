// Cucumber adds the paths of its command line to those given here: whoever names features wants those alone.
const named = process.argv.some((argument) => argument.includes(".feature"));

const acceptance = {
  import: ["step-definitions/typescript.mjs", "step-definitions/*.ts"],
  paths: named ? [] : ["features/{techniques,edge,exports,journeys}/**/*.feature"],
  format: ["progress"],
  // Scenarios share nothing: each has its own engine in its own folder.
  parallel: named ? 0 : 2,
};

/** The form with everything in one thread. */
export default { ...acceptance, tags: "not @disk-threads", worldParameters: { diskThreads: 0 } };

/** The form that `serve` has: disks in threads of their own; `npm run acceptance:threads` runs what is built. */
const diskThreads = { ...acceptance, worldParameters: { diskThreads: 2 } };

export { diskThreads as "disk-threads" };
