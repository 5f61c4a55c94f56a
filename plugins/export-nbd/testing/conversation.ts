import type { FakeDisk } from "pagurus/testing";
import { threadAlertness } from "../alertness.ts";
import { BufferPool } from "../buffer-pool.ts";
import { NbdConfig } from "../config.ts";
import type { MessageForm } from "../negotiated.ts";
import { Transmission } from "../transmission.ts";
import { zeroPiece } from "../zeroes.ts";
import { FakeChannel } from "./fake-channel.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
/** What every conversation takes its buffers from: making them anew costs more than the rest of it. */
const pool = new BufferPool(2 ** 26);
const zeroes = zeroPiece();
const alertness = threadAlertness();

/** A connection to the disk after its handshake, with a far end that the test plays. */
export const converse = (disk: FakeDisk, form: MessageForm, config: Partial<NbdConfig> = {}) => {
  const rules = NbdConfig.parse(config);
  const channel = new FakeChannel();
  const shared = { pool, alertness, zeroes, log, rules, clients: { add() {} } };
  const contexts = form === "simple" ? 0 : 3;
  const negotiated = { form, sizeBytes: disk.sizeBytes, contexts, readOnly: false };
  const transmission = new Transmission(channel, disk, negotiated, shared);
  channel.receiver = transmission;
  return { channel, transmission };
};
