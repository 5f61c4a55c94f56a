/**
 * A subject's own process: does with the plugin what it is asked, one thing after another, and tells where it is, so
 * that whoever watches knows what it was about when it died or hung.
 */
import { Writable } from "node:stream";
import { type Capabilities, CodedError, Datastore, type Lifecycle, type Plugin } from "../contract/index.ts";
import { type Codebook, createCodebook, observationOf, sentenceOf } from "../observations/index.ts";
import { inWords } from "./in-words.ts";
import { FUNCTION_POINT, packageRoot, planeOf, pointNameOf, stepFiles, tokenOf } from "./kit.ts";
import { loadPlugin, openPlugin, type PluginRequest, registerPlugin } from "./plugin-under-test.ts";
import type { Answer, Loaded, Order, Phase, RunOrder, Told } from "./protocol.ts";

const tell = (told: Told): boolean | undefined => process.send?.(told);
const enter = (phase: Phase): boolean | undefined => tell({ phase });

const pointsOf = ({ provides = [], functions = [] }: Plugin): readonly string[] => [
  ...provides.map(pointNameOf),
  ...(functions.length > 0 ? [FUNCTION_POINT] : []),
];

const load = async (request: PluginRequest): Promise<Loaded> => {
  enter("load");
  const plugin = await loadPlugin(request);
  return { id: plugin.id, summary: plugin.summary, points: pointsOf(plugin) };
};

type Started = Lifecycle & { readonly id: string; readonly capabilities?: Capabilities };

/** Whether the plugin comes and goes, and twice is as good as once; tells what it can do meanwhile. */
const tryOut = async (request: PluginRequest, point: string): Promise<void> => {
  enter("load");
  await loadPlugin(request);
  enter("register");
  const instance = await registerPlugin(request, planeOf(point));
  const token = tokenOf(point);
  const object: Started | undefined = token && instance.get(token);
  enter("start");
  await instance.start();
  if (token === Datastore) await demandStorage(instance.get(Datastore));
  const capabilities = { ...object?.capabilities };
  tell({ capabilities });
  enter("stop");
  await instance.stop();
  enter("again");
  await startAndStopTwice(request, point);
};

/** A store that can't be used is told once, and not by each of its scenarios; whatever else a check says is theirs. */
const demandStorage = async (datastore: Datastore): Promise<void> => {
  try {
    await datastore.check({ brief: true });
  } catch (error) {
    if (CodedError.is(error, "datastore-unavailable")) throw error;
  }
};

const startAndStopTwice = async (request: PluginRequest, point: string): Promise<void> => {
  const instance = await registerPlugin(request, planeOf(point));
  const token = tokenOf(point);
  const object: Started | undefined = token && instance.get(token);
  await instance.start();
  await object?.start?.({ signal: new AbortController().signal });
  await instance.stop();
  await object?.stop?.();
};

/** Of a plugin that can't be loaded ours alone: its scenarios tell why. */
const codebookOf = async (request: RunOrder["parameters"]): Promise<Codebook> => {
  const plugin = await loadPlugin(request).catch(() => undefined);
  return createCodebook(plugin?.observations, request.secrets);
};

const run = async ({ paths, tags, shard, parameters }: RunOrder): Promise<void> => {
  const codebook = await codebookOf(parameters);
  // Loaded here alone: the phases before need nothing of it.
  const { runFeatures } = await import("./run-features.ts");
  await runFeatures({
    file: false,
    provided: {
      paths: [...paths],
      import: [stepFiles],
      worldParameters: parameters,
      ...(tags === undefined ? {} : { tags }),
      ...(shard === undefined ? {} : { shard }),
    },
    cwd: packageRoot,
    stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
    hear: (envelope) => tell({ envelope: inWords(envelope, codebook) }),
  });
};

/** Removes what scenarios that died have left in a datastore that is used outside of this run too. */
const sweep = async (request: PluginRequest, prefix: string): Promise<number> => {
  enter("sweep");
  const instance = await openPlugin(request);
  const datastore = instance.get(Datastore);
  const left: string[] = [];
  for await (const { layer } of datastore.list()) if (layer.startsWith(prefix)) left.push(layer);
  for (const layer of left) await datastore.remove(layer);
  await instance.stop();
  return left.length;
};

const obey = async (order: Order): Promise<Answer> => {
  if (order.do === "load") return { did: "load", loaded: await load(order.request) };
  if (order.do === "try") {
    await tryOut(order.request, order.point);
    return { did: "try" };
  }
  if (order.do === "sweep") return { did: "sweep", removed: await sweep(order.request, order.prefix) };
  await run(order);
  return { did: "run", alive: aliveBesides(own) };
};

/**
 * What ends by itself: requests to the file system, which whoever compiles TypeScript makes too, what was closed, and
 * what was told and has not left yet.
 */
const passing = new Set(["FSReqCallback", "FSReqPromise", "CloseReq", "SimpleWriteWrap"]);

const aliveBesides = (known: readonly string[]): readonly string[] => {
  const left = [...known];
  return process.getActiveResourcesInfo().filter((kind) => {
    if (passing.has(kind)) return false;
    const at = left.indexOf(kind);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

const orphaned = () => process.exit();

/** From here on only what the plugin has left running keeps the process alive. */
const leave = (): void => {
  process.off("disconnect", orphaned);
  if (process.connected) process.disconnect();
};

process.stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
  tell({ printed: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString() });
  const done = rest.at(-1);
  if (typeof done === "function") process.nextTick(done as () => void);
  return true;
};
/** What is thrown where nobody waits for it ends the scenario, or the process, without any word of how it came there. */
process.on("uncaughtExceptionMonitor", (error: unknown, origin) => {
  if (!(error instanceof Error) || CodedError.is(error)) return;
  const how =
    origin === "unhandledRejection"
      ? "a promise that nobody awaits was rejected"
      : "it threw where nobody could catch it";
  error.message = `${how}: ${error.message}`;
});
process.on("disconnect", orphaned);
process.on("message", async (order: Order) => {
  try {
    const answer = await obey(order);
    // Everything told before has left this process when the answer has.
    process.send?.(answer, undefined, undefined, order.do === "run" ? leave : undefined);
  } catch (error) {
    const observation = observationOf(error);
    tell({ threw: observation.code, sentence: sentenceOf(observation, createCodebook()) });
  }
});
/** What keeps a process alive before any plugin was in it: the pipe to its parent, which is held while it is listened to. */
const own = process.getActiveResourcesInfo();
