/** When a log is looked after beside its writes. */
export interface Upkeep {
  /** Recovery reads the indexes of at most so many objects, and of so many bytes of cells, after a checkpoint. */
  readonly mostObjects: number;
  readonly mostCellBytes: number;
  /** Segments that nothing points at may take so many bytes before they are deleted, or a share of what is live. */
  readonly mostDeadBytes: number;
  /** Segments of which something is live may take so many bytes more than their share of it. */
  readonly slackBytes: number;
  /** After so many sealed bytes it is looked again. */
  readonly lookBytes: number;
}

const MiB = 2 ** 20;

export const usualUpkeep: Upkeep = {
  mostObjects: 512,
  mostCellBytes: 512 * MiB,
  mostDeadBytes: 16 * MiB,
  slackBytes: 32 * MiB,
  lookBytes: 8 * MiB,
};
