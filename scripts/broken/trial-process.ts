/**
 * The process of `trials.ts`: runs the features of a point against one broken plugin after another. Cucumber, the steps
 * and the kit are loaded once, which takes longer than most plugins take to be caught.
 */
import { Writable } from "node:stream";
import { type IRunOptions, loadConfiguration, runCucumber } from "@cucumber/cucumber/api";
import { packageRoot, stepFiles } from "../../src/conformance/kit.ts";
import type { TrialOrder, TrialTold } from "./trial.ts";

const environment = {
  cwd: packageRoot,
  stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
  stderr: process.stderr,
  env: process.env,
};

const tell = (told: TrialTold): boolean | undefined => process.send?.(told);
/** The pipe to the parent, what will have ended soon, and whoever compiles TypeScript. */
const harmless: readonly string[] = ["PipeWrap", "FSReqCallback", "CloseReq", "Immediate", "ProcessWrap"];
const isClean = (): boolean => process.getActiveResourcesInfo().every((kind) => harmless.includes(kind));

const obey = async (
  { paths, tags, parameters }: TrialOrder,
  support: IRunOptions["support"] | undefined,
): Promise<IRunOptions["support"]> => {
  const { runConfiguration } = await loadConfiguration(
    {
      file: false,
      provided: { paths: [...paths], import: [stepFiles], tags, worldParameters: parameters },
    },
    environment,
  );
  const run = await runCucumber(
    { ...runConfiguration, support: support ?? runConfiguration.support },
    environment,
    (envelope) => tell({ envelope }),
  );
  return run.support;
};

let loaded: IRunOptions["support"] | undefined;
process.on("disconnect", () => process.exit());
process.on("message", async (order: TrialOrder) => {
  loaded = await obey(order, loaded);
  tell({ ended: true, clean: isClean() });
});
