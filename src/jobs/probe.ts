/**
 * Called at every point where a crash must be survived, named `<state>/<point>`: `before` the state is journalled,
 * when it is `recorded`, and when its action is `done`; so too around what else is written durably, of a job or of a
 * disk. Tests end the process there.
 */
export type Probe = (point: string) => void | Promise<void>;
