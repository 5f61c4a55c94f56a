/**
 * Called at every point where a crash must be survived, named `<state>/<point>`: `before` the state is journalled,
 * when it is `recorded`, and when its action is `done`. Tests end the process there.
 */
export type Probe = (point: string) => void | Promise<void>;
