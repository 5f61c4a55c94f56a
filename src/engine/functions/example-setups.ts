import type { ExampleSetup } from "../../contract/index.ts";

/** The disk `web` in the datastore `default`. */
export const aDisk: ExampleSetup = { call: "disks.create", input: { name: "web", sizeBytes: 1_048_576 } };

/** And its move to `other`, which goes on until somebody has it switch over: `{job.id}`. */
export const aDiskThatMoves: readonly ExampleSetup[] = [
  aDisk,
  {
    call: "migrations.start",
    input: { disks: ["web"], to: "other", switchOver: "manual" },
    as: "job",
    outcome: "goes-on",
  },
];
