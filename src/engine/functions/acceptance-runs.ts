import { CodedError, defineFunction } from "../../contract/index.ts";
import { ACCEPT, AcceptanceRunInput, AcceptanceRunOutput, OURSELVES } from "../acceptance/input.ts";
import { jobFunctionsFor } from "./jobs.ts";
import { AcceptanceToken } from "./tokens.ts";

const startRun = defineFunction({
  name: ACCEPT,
  summary: "Run features, against a plugin or against Pagurus itself",
  description:
    "In a process of its own, one run at a time; each scenario that has ended is an event. The last result of each scenario is kept and shown by `features show`. A run in which a scenario failed has failed.",
  kind: "job",
  effect: "write",
  input: AcceptanceRunInput,
  output: AcceptanceRunOutput,
  http: { method: "POST", path: "/v1/acceptance-runs" },
  creates: true,
  cli: {
    positionals: ["plugin"],
    examples: [
      "pagurus acceptance-runs start datastore-local --wait",
      "pagurus acceptance-runs start datastore-local --feature conformance.datastore.layers --seed 7",
      "pagurus acceptance-runs start --feature techniques.convergence --wait",
    ],
  },
  uses: { acceptance: AcceptanceToken },
  check: async (input, { acceptance }) => void (await acceptance.chosen(input)),
  run: (input, { acceptance }, job) => acceptance.run(input, job),
  failure: ({ plugin }, cause) =>
    new CodedError("acceptance-run-failed", { subject: plugin ?? OURSELVES }, { cause }),
});

export const acceptanceFunctions = [
  startRun,
  ...jobFunctionsFor({ noun: "acceptance-runs", what: "acceptance run", only: ACCEPT }),
];
