import type { Phase } from "./protocol.ts";

/**
 * How long a plugin may stay in a phase; of `scenario`, in each step of one. `exit`: until its process has ended by
 * itself; what is known to keep it has three quarters of that.
 */
export type Deadlines = Readonly<Record<Phase | "exit", number>>;

export const usualDeadlines: Deadlines = {
  load: 30_000,
  register: 5_000,
  start: 15_000,
  stop: 15_000,
  again: 15_000,
  scenario: 90_000,
  sweep: 90_000,
  exit: 2_000,
};

/** What goes on in a phase, and what its author must know. */
export const phaseWords = {
  load: {
    doing: "while its module was loaded",
    advice:
      "A module only declares: it waits for nothing, starts nothing and prints nothing at its top level",
  },
  register: {
    doing: "while it was registered",
    advice: "`register` only binds objects: put all I/O and all waiting into their `start`",
  },
  start: {
    doing: "while it was started",
    advice: "`start` ends or rejects, and heeds its signal",
  },
  stop: {
    doing: "while it was stopped",
    advice: "`stop` ends what `start` began, and waits for nobody for ever",
  },
  again: {
    doing: "while another instance was started twice and stopped twice",
    advice:
      "What has started does nothing when it is started again, and what has stopped when it is stopped again",
  },
  scenario: {
    doing: "while a scenario ran",
    advice: "What cannot be done is refused with a `CodedError`; what waits leaves the event loop free",
  },
  sweep: {
    doing: "while what its scenarios had left was removed",
    advice:
      "That is no promise of the features: remove the layers whose names begin with `conform-` by hand, once no kit is at work there",
  },
  kit: {
    doing: "",
    advice: "That says nothing about the plugin: install pagurus anew, and report it if it stays so",
  },
  exit: {
    doing: "after everything had been stopped",
    advice: "Clear timers and close sockets, files and threads in `stop`",
  },
  output: {
    doing: "",
    advice: "Standard output belongs to whoever runs the command: require `Log` and write to that",
  },
} as const satisfies Record<Phase | "kit" | "exit" | "output", { doing: string; advice: string }>;

/** Something that went wrong outside of any promise of the features: where, and what to do. */
export interface Mishap {
  /** `kit`: in none that the plugin goes through. */
  readonly phase: keyof typeof phaseWords;
  /** What happened and what to do, as people read it. */
  readonly message: string;
  /** The code of what was thrown; absent of a process that ended, hung or printed. */
  readonly threw?: string;
  /** How long it was in the phase until then, where that was seen. */
  readonly tookMs?: number;
}

export const mishap = (phase: Mishap["phase"], what: string): Mishap => ({
  phase,
  message: `${what}. ${phaseWords[phase].advice}.`,
});
